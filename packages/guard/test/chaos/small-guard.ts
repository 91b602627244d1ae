import { createRandom } from '@ood/core';
import { encodeModel, makeGraph, makeModel, makeNode } from '@ood/onnx';
import type { FitGuardOptions } from '../../src/index.ts';

const DIM = 8;

/** A guard of vectors that is fitted in a moment: a model that hands its input on, and normal rows. */
export function smallGuard(options: Partial<FitGuardOptions> = {}): FitGuardOptions {
  const info = (name: string) => ({ name, type: 'float32' as const, dims: ['n', DIM] });
  const model = makeModel(
    makeGraph('identity', {
      inputs: [info('x')],
      outputs: [info('f')],
      nodes: [makeNode('Identity', { inputs: ['x'], outputs: ['f'] })],
    }),
  );
  return {
    model: encodeModel(model),
    detector: 'mahalanobis',
    train: rows(300, 'train'),
    calibration: rows(200, 'calibration'),
    ...options,
  };
}

/** Rows whose second half of features follows from the first. */
function rows(count: number, stream: string) {
  const random = createRandom(1, stream);
  const data = new Float32Array(count * DIM);
  for (let at = 0; at < data.length; at += DIM) {
    for (let i = 0; i < DIM / 2; i++) {
      data[at + i] = random.normal();
      data[at + DIM / 2 + i] = 0.1 * random.normal() - data[at + i]!;
    }
  }
  return { features: { rows: count, cols: DIM, data }, labels: new Int32Array(count) };
}
