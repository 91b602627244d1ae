import type { LabeledGlyphSet } from '@ood/datasets';
import { nodeRuntime } from '@ood/onnx/node';
import { record } from '@ood/onnx/record';
import { logitsOf } from './evaluate.ts';
import { exportModel } from './export-model.ts';
import { features, logits, type Parameters, parameterShapes } from './network.ts';

const tolerance = 1e-4;

/** Largest difference of the logits of the exported model from those of the recorded network, on the first rows of a set. */
export async function verifyExport(parameters: Parameters, set: LabeledGlyphSet): Promise<number> {
  const count = 200;
  const rows = { ...set, count, pixels: set.pixels.subarray(0, count * set.height * set.width) };
  const recorded = record(tensors => ({ logits: logits(features(tensors.image!, tensors), tensors) }), {
    inputs: { image: ['batch', set.height, set.width, 1] },
    constants: Object.fromEntries(
      Object.entries(parameters).map(([name, data]) => [name, { dims: parameterShapes[name]!, data }]),
    ),
  });
  const [network, exported] = await Promise.all(
    [recorded.bytes, exportModel(parameters, {})].map(bytes => nodeRuntime.createSession(bytes)),
  );
  const data = Float32Array.from(rows.pixels, v => v / 255);
  const image = { type: 'float32' as const, dims: [count, set.height, set.width, 1], data };
  const expected = (await network!.run({ image })).logits!.data as Float32Array;
  const actual = await logitsOf(exported!, rows);
  await Promise.all([network!.close(), exported!.close()]);
  const difference = expected.reduce((max, v, i) => Math.max(max, Math.abs(v - actual[i]!)), 0);
  if (difference <= tolerance) return difference;
  throw new Error(`export: expected the recorded network's logits within ${tolerance}, got ${difference}`);
}
