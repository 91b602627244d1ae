import type { FitContext, NumericArray } from '../contract/method.ts';
import type { Head } from '../contract/rows.ts';
import { DetectorsError } from '../errors.ts';

/** The head that `fitMethod` made sure of, if its width is that of the features. */
export function headOf(where: string, { head }: FitContext, dim: number): Head {
  const { weights, bias } = head!;
  if (weights.cols === dim && bias.length === weights.rows) return head!;
  throw new DetectorsError('WRONG_SHAPE', {
    where,
    expected: `a head of ${dim} columns with one bias per class`,
    got: `weights ${weights.rows} × ${weights.cols} and ${bias.length} biases`,
    advice: 'pass features and head of the same model',
  });
}

/** A head as arrays to multiply rows with: weights `[d, classes]`, bias `[classes]`. */
export function headArrays({ weights, bias }: Head, data: ArrayLike<number> = weights.data) {
  const { rows: classes, cols } = weights;
  const transposed = new Float64Array(classes * cols);
  for (let c = 0; c < classes; c++) {
    for (let i = 0; i < cols; i++) transposed[i * classes + c] = data[c * cols + i]!;
  }
  return {
    weights: { shape: [cols, classes], data: transposed },
    bias: { shape: [classes], data: new Float64Array(bias) },
  } satisfies Record<string, NumericArray>;
}
