/** `of(scale · batch + offset)`: how a number of the graph follows from the batch size. */
export interface BatchFormula {
  readonly of: 'identity' | 'reciprocal' | 'sqrt' | 'reciprocal-sqrt' | 'log';
  readonly sign: 1 | -1;
  readonly scale: number;
  readonly offset: number;
}

/** Inverse functions: what must be affine in the batch size for a formula to hold. */
const linearised: Readonly<Record<BatchFormula['of'], (value: number) => number>> = {
  identity: value => value,
  reciprocal: value => 1 / value,
  sqrt: value => value * value,
  'reciprocal-sqrt': value => 1 / (value * value),
  log: value => Math.exp(value),
};

/** A tolerance for numbers that were rounded to float32 on their way. */
const ROUNDING = 1e-5;

/**
 * Finds the formula that gives `values[i]` at batch size `sizes[i]`: two sizes determine it, the further ones prove it.
 * Undefined when no formula does.
 */
export function fitNumber(values: readonly number[], sizes: readonly number[]): BatchFormula | undefined {
  const sign = values.every(v => v < 0) ? -1 : 1;
  for (const of of Object.keys(linearised) as BatchFormula['of'][]) {
    const y = values.map(v => linearised[of](of === 'identity' ? v : sign * v));
    if (!y.every(Number.isFinite)) continue;
    if (of !== 'identity' && of !== 'log' && !values.every(v => sign * v > 0)) continue;
    const slope = (y[1]! - y[0]!) / (sizes[1]! - sizes[0]!);
    const scale = rounded(slope, y[0]! / sizes[0]!);
    const offset = rounded(y[0]! - scale * sizes[0]!, y[0]!);
    const fits = y.every((v, i) => Math.abs(scale * sizes[i]! + offset - v) <= ROUNDING * Math.abs(v));
    if (fits) return { of, sign: of === 'identity' ? 1 : sign, scale, offset };
  }
  return undefined;
}

/** Finds integers with `values[i] = scale · sizes[i] + offset`; undefined when there are none. */
export function fitInteger(
  values: readonly number[],
  sizes: readonly number[],
): { scale: number; offset: number } | undefined {
  const scale = (values[1]! - values[0]!) / (sizes[1]! - sizes[0]!);
  const offset = values[0]! - scale * sizes[0]!;
  if (!Number.isInteger(scale) || !Number.isInteger(offset)) return undefined;
  return values.every((v, i) => v === scale * sizes[i]! + offset) ? { scale, offset } : undefined;
}

/** The nearest integer where rounding can explain the distance: counts are integers. */
function rounded(value: number, magnitude: number): number {
  const nearest = Math.round(value);
  return Math.abs(value - nearest) <= ROUNDING * Math.max(Math.abs(value), Math.abs(magnitude))
    ? nearest
    : value;
}
