import type { FilterKernel } from './filters.ts';

/** Fraction bits of the fixed-point weights: 8 bits for the value and 2 for overshoot are left of 32. */
const PRECISION_BITS = 22;

/** For each output pixel of a window: the first source pixel, how many there are, and their fixed-point weights. */
export interface Coefficients {
  readonly taps: number;
  readonly first: Int32Array;
  readonly count: Int32Array;
  /** `[window, taps]`. */
  readonly weights: Int32Array;
}

/**
 * Weights for output pixels `from … from + length − 1` of a side of `input` pixels resampled to `output`.
 * The filter widens with the scale when shrinking (antialiasing). Same arithmetic as Pillow's `precompute_coeffs`.
 */
export function coefficients(
  input: number,
  output: number,
  kernel: FilterKernel,
  window: { readonly from: number; readonly length: number },
): Coefficients {
  const scale = input / output;
  const filterScale = Math.max(scale, 1);
  const support = kernel.support * filterScale;
  const taps = Math.ceil(support) * 2 + 1;
  const first = new Int32Array(window.length);
  const count = new Int32Array(window.length);
  const weights = new Int32Array(window.length * taps);
  const exact = new Float64Array(taps);

  for (let i = 0; i < window.length; i++) {
    const center = (window.from + i + 0.5) * scale;
    const low = Math.max(0, Math.trunc(center - support + 0.5));
    const high = Math.min(input, Math.trunc(center + support + 0.5));
    const n = high - low;
    let sum = 0;
    for (let t = 0; t < n; t++) sum += exact[t] = kernel.weight((t + low - center + 0.5) / filterScale);
    for (let t = 0; t < n; t++) {
      const weight = (sum === 0 ? exact[t]! : exact[t]! / sum) * 2 ** PRECISION_BITS;
      weights[i * taps + t] = Math.trunc(weight < 0 ? weight - 0.5 : weight + 0.5);
    }
    first[i] = low;
    count[i] = n;
  }
  return { taps, first, count, weights };
}
