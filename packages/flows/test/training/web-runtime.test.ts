import { createRandom } from '@ood/core';
import { nodeRuntime } from '@ood/onnx/node';
import { webRuntime } from '@ood/onnx/web';
import { describe, expect, it } from 'vitest';
import { createFlow, type FitOptions, fit, glow } from '../../src/index.ts';
import { expectClose } from '../support/close.ts';
import { useQuietCpu } from '../support/eager.ts';
import { clusters } from '../support/rows.ts';

it('trains in this thread on onnxruntime-web, to the weights of onnxruntime-node', async () => {
  const rows = clusters({ rows: 200, cols: 4, seed: 21 });
  const options = {
    epochs: 3,
    batchSize: 40,
    learningRate: 1e-3,
    epsilon: 1e-3,
    noise: 0.1,
    threads: 1,
    validationFraction: 0.1,
  };
  const [web, node] = [
    await fit(glow({ blocks: 2 }), rows, { ...options, runtime: webRuntime }),
    await fit(glow({ blocks: 2 }), rows, options),
  ];
  expectClose([web.history.best!.loss], [node.history.best!.loss], 1e-4);
  for (const [name, { data }] of Object.entries(node.flow.weights.parameters)) {
    expectClose(web.flow.weights.parameters[name]!.data, data, 1e-3);
  }
  expect(web.flow.about).toMatchObject({ computedBy: expect.stringContaining('web') });
});

describe.each<[string, FitOptions]>([
  ['onnxruntime-web', { runtime: webRuntime }],
  ['onnxruntime-node, in this thread', { runtime: nodeRuntime }],
  ['tfjs', { engine: 'tfjs' }],
])('%s', (_, where) => {
  const rows = clusters({ rows: 100, cols: 4, seed: 22 });

  it('lets a timer stop training', async () => {
    await useQuietCpu();
    const options = { ...where, epochs: 3000, batchSize: 50, threads: 1, signal: AbortSignal.timeout(300) };
    await expect(fit(glow({ blocks: 1 }), rows, options)).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  it('lets a timer stop scoring', async () => {
    const { model, weights } = await glow({ blocks: 1 }).build({ features: rows }, createRandom(1));
    const { engine = 'onnx', runtime } = where as { engine?: 'tfjs'; runtime?: typeof webRuntime };
    const flow = createFlow(model, weights, { engine, ...(runtime ? { runtime } : {}) });
    const many = { rows: 30_000, cols: 4, data: new Float32Array(120_000).fill(1) };
    const scoring = flow.logProb(many, { batchSize: 1, signal: AbortSignal.timeout(100) });
    await expect(scoring).rejects.toMatchObject({ name: 'TimeoutError' });
    await flow.close();
  });
});
