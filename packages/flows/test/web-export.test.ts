import { createRandom } from '@ood/core';
import { nodeRuntime } from '@ood/onnx/node';
import { webRuntime } from '@ood/onnx/web';
import { describe, expect, it } from 'vitest';
import {
  createFlow,
  fde,
  glow,
  maskedAutoregressive,
  neuralSpline,
  type Preset,
  realNvp,
  residual,
  toOnnx,
} from '../src/index.ts';
import { normalArray } from '../src/random.ts';
import { expectClose } from './support/close.ts';

const dim = 7;
const features = { rows: 40, cols: dim, data: normalArray(40 * dim, createRandom(1)).map(Math.abs) };

const presets: readonly (readonly [string, Preset])[] = [
  ['glow', glow({ blocks: 2 })],
  ['realNvp', realNvp({ blocks: 2 })],
  ['residual', residual({ blocks: 1 })],
  ['neuralSpline', neuralSpline({ blocks: 2 })],
  ['maskedAutoregressive', maskedAutoregressive({ layers: 2 })],
  ['fde', fde({ clusters: 3 })],
];

describe.each(presets)('%s', (_, preset) => {
  it('exported, scores in onnxruntime-web as in onnxruntime-node, for any batch size', async () => {
    const { model, weights } = await preset.build({ features }, createRandom(2));
    const bytes = await toOnnx({ model, weights }, { input: 'x', output: 'score', opset: 18 });
    const flow = createFlow(model, weights, { runtime: nodeRuntime });
    const wanted = await flow.logProb(features);
    const session = await webRuntime.createSession(bytes);
    expect(session.inputs.map(({ name, dims }) => [name, dims.at(-1)])).toEqual([['x', dim]]);
    for (const rows of [1, 40]) {
      const x = { type: 'float32' as const, dims: [rows, dim], data: features.data.slice(0, rows * dim) };
      const { score } = await session.run({ x });
      expectClose(score!.data as Float32Array, wanted.slice(0, rows), 1e-4);
    }
    await session.close();
    await flow.close();
  });
});
