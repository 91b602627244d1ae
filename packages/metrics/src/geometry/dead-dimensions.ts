import { type Matrix, notNegative, requireOption } from '@ood/core';
import { requireMatrix } from '../input/matrix.ts';

/** The columns that never vary: they make a covariance singular and a density infinite. */
export interface DeadDimensions {
  /** Columns with max − min ≤ tolerance, ascending. */
  readonly indices: Uint32Array;
  /** How many of them are zero throughout (a ReLU that never fires). */
  readonly zeroCount: number;
  /** Dead columns / all columns. */
  readonly share: number;
}

/**
 * Which dimensions of `features` `[samples, dim]` are constant.
 *
 * @throws OodError `EMPTY_INPUT`, `NON_FINITE`, `WRONG_SHAPE`, `INVALID_OPTION`
 */
export function deadDimensions(
  features: Matrix,
  { tolerance = 0 }: { readonly tolerance?: number } = {},
): DeadDimensions {
  requireOption('deadDimensions', 'tolerance', tolerance, notNegative);
  requireMatrix('deadDimensions', 'features', features);
  const { rows, cols, data } = features;
  const low = Float64Array.from(data.subarray(0, cols));
  const high = low.slice();
  for (let row = 1; row < rows; row++) {
    for (let k = 0; k < cols; k++) {
      const value = data[row * cols + k]!;
      if (value < low[k]!) low[k] = value;
      else if (value > high[k]!) high[k] = value;
    }
  }
  const indices = Uint32Array.from(low.keys()).filter(k => high[k]! - low[k]! <= tolerance);
  const zeroCount = indices.filter(k => low[k] === 0 && high[k] === 0).length;
  return { indices, zeroCount, share: indices.length / cols };
}
