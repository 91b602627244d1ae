import { isOodError, type Matrix } from '@ood/core';
import { describe, expect, it } from 'vitest';
import { createEnergy } from '../src/methods/energy.ts';
import { fitMahalanobisFused } from '../src/methods/fused.ts';
import { fitKnn } from '../src/methods/knn.ts';
import { fitMahalanobis } from '../src/methods/mahalanobis.ts';
import { goldenProblem } from './golden-problem.ts';

const { train, id } = goldenProblem;
const spoilt = (matrix: Matrix, row: number): Matrix => {
  const data = matrix.data.slice();
  data[row * matrix.cols + 3] = Number.NaN;
  return { ...matrix, data };
};
const narrow = { rows: 1, cols: 2, data: new Float32Array(2) };
const empty = { rows: 0, cols: 16, data: new Float32Array(0) };

describe('bad rows', () => {
  it.each([
    [
      'logits that are not there',
      'MISSING_INPUT',
      'expected logits, got features only',
      async () => createEnergy().score({ features: id.features }),
    ],
    [
      'a fit without classes',
      'MISSING_INPUT',
      'expected labels, or logits whose argmax can stand in',
      // @ts-expect-error: it needs labels, or logits that predict them.
      () => fitMahalanobis({ features: train.features }),
    ],
    [
      'features of another width',
      'WRONG_SHAPE',
      'expected features with 16 columns',
      async () => (await fitMahalanobis(train)).score({ features: narrow }),
    ],
    [
      'NaN in two rows',
      'NON_FINITE',
      'NaN or infinity in 2 of 60 rows, the first at index 4',
      async () => (await fitMahalanobis(train)).score({ features: spoilt(spoilt(id.features, 9), 4) }),
    ],
    [
      'NaN far down a stream',
      'NON_FINITE',
      'the first at index 124',
      () => fitKnn({ open: () => [id, id, { features: spoilt(id.features, 4) }] }),
    ],
    ['no rows to fit on', 'EMPTY_INPUT', 'at least one ID row', () => fitKnn({ features: empty })],
    [
      'too few labels',
      'WRONG_SHAPE',
      'one label for each of 400 rows',
      () => fitMahalanobis({ ...train, labels: new Int32Array(3) }),
    ],
    [
      'more neighbors than rows',
      'INVALID_OPTION',
      'a whole number from 1 to 400',
      () => fitKnn(train, { k: 401 }),
    ],
    [
      'a single logit to fuse',
      'WRONG_SHAPE',
      'expected logits of at least 2 classes: a single one leaves no doubt to fuse, got 1',
      () => fitMahalanobisFused({ ...train, logits: { rows: 400, cols: 1, data: new Float32Array(400) } }),
    ],
    [
      'constant features',
      'SINGULAR_COVARIANCE',
      'features that vary within classes',
      () =>
        fitMahalanobis({
          features: { rows: 4, cols: 2, data: new Float32Array(8) },
          labels: new Int32Array(4),
        }),
    ],
  ] as const)('%s: %s', async (_what, code, message, act) => {
    const error = await act().then(
      () => undefined,
      (caught: unknown) => caught,
    );
    expect(isOodError(error)).toBe(true);
    expect(error).toMatchObject({ code, message: expect.stringContaining(message) });
  });
});
