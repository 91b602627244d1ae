import { invalidOption, oneOf, requireOption } from '@ood/core';
import { MetricsError } from '../errors.ts';
import { requireSameLength, requireScores, type Scores } from '../input/scores.ts';
import { logNormalUpperTail, normalUpperQuantileOfLog } from '../special/normal.ts';

/**
 * How several p-values for one input become one, and what makes the result a p-value:
 *
 * - `'fisher'`: −2 Σ log pᵢ ~ χ²(2k). Independent p-values. Strong when several are moderately small.
 * - `'stouffer'`: Σ wᵢ zᵢ / √Σ wᵢ² ~ N(0, 1). Independent. A p near 1 cancels a small one.
 * - `'largest'`: the largest evidence alone, p = 1 − (1 − min pᵢ)ᵏ (Tippett, Šidák). Independent, or positively dependent (then conservative).
 * - `'bonferroni'`: the same ranking with p = min(1, k min pᵢ). Any dependence.
 * - `'cauchy'`: T = Σ wᵢ tan(π(½ − pᵢ)), Σ wᵢ = 1, p = P(Cauchy > T). Nearly exact for small p under wide kinds of dependence; exact if independent. A p near 1 cancels.
 */
export type CombinationMethod = 'fisher' | 'stouffer' | 'largest' | 'bonferroni' | 'cauchy';

export const combinationMethods: readonly CombinationMethod[] = [
  'fisher',
  'stouffer',
  'largest',
  'bonferroni',
  'cauchy',
];

export interface CombineOptions {
  /** Default `'fisher'`. */
  readonly method?: CombinationMethod;
  /** Positive weights, for `'stouffer'` and `'cauchy'` only. Default: equal. */
  readonly weights?: readonly number[];
}

/** A combined p-value; `logP` stays exact where `p` underflows. */
export interface CombinedPValue {
  readonly p: number;
  readonly logP: number;
}

/** Just below 1: where an inverse tail would be −∞. */
const logAlmostOne = Math.log(1 - 2 ** -53);

/**
 * Combines one-sided p-values of the same input. See `CombinationMethod` for the formulas and what each assumes about dependence.
 *
 * Detectors on the same features are dependent, so Fisher's and Stouffer's p-values are then too small: use `fitFusion`, which calibrates the result anew.
 * A p-value of 1 counts as 1 − 2⁻⁵³ in `'stouffer'` and `'cauchy'`.
 *
 * @throws OodError `EMPTY_INPUT`, `NON_FINITE`, `INVALID_VALUE` (outside (0, 1]), `WRONG_SHAPE`, `INVALID_OPTION`
 * @see Fisher (1932); Stouffer et al. (1949); Tippett (1931); Liu & Xie (2020), JASA 115
 */
export function combinePValues(pValues: Scores, options: CombineOptions = {}): CombinedPValue {
  requirePValues('combinePValues', pValues);
  const combine = logPCombiner('combinePValues', pValues.length, options);
  const logP = combine(Float64Array.from(pValues, Math.log));
  return { p: Math.exp(logP), logP };
}

/** A function from k log p-values of one input to the combined log p-value. Options are checked once. */
export function logPCombiner(
  where: string,
  k: number,
  { method = 'fisher', weights }: CombineOptions,
): (logP: Float64Array) => number {
  requireOption(where, 'method', method, oneOf(...combinationMethods));
  if (weights !== undefined) requireWeights(where, k, method, weights);
  const w = weights ?? Array.from({ length: k }, () => 1);
  switch (method) {
    case 'fisher':
      return fisher;
    case 'stouffer':
      return logP => stouffer(logP, w);
    case 'largest':
      return logP => {
        const smallest = smallestOf(logP);
        // log(1 − (1 − p)ᵏ); k·p to first order where p underflows.
        return smallest < -700
          ? smallest + Math.log(k)
          : Math.log(-Math.expm1(k * Math.log1p(-Math.exp(smallest))));
      };
    case 'bonferroni':
      return logP => Math.min(0, smallestOf(logP) + Math.log(k));
    case 'cauchy':
      return logP => cauchy(logP, w);
  }
}

/** log P(χ²(2k) > 2h), h = −Σ log p: e^(−h) Σⱼ hʲ / j! for j < k, a finite sum. */
function fisher(logP: Float64Array): number {
  let h = 0;
  for (const value of logP) h -= value;
  // The sum divided by its last term, so that it cannot overflow; from the last term down.
  let last = 0;
  for (let j = 1; j < logP.length; j++) last += Math.log(h / j);
  if (h === 0) return 0;
  let sum = 1;
  let term = 1;
  for (let j = logP.length - 1; j >= 1; j--) {
    term *= j / h;
    sum += term;
  }
  return Math.min(0, sum === Number.POSITIVE_INFINITY ? 0 : -h + last + Math.log(sum));
}

function stouffer(logP: Float64Array, weights: readonly number[]): number {
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < logP.length; i++) {
    sum += weights[i]! * normalUpperQuantileOfLog(Math.min(logP[i]!, logAlmostOne));
    squares += weights[i]! ** 2;
  }
  return logNormalUpperTail(sum / Math.sqrt(squares));
}

function cauchy(logP: Float64Array, weights: readonly number[]): number {
  let total = 0;
  for (const weight of weights) total += weight;
  const smallest = smallestOf(logP);
  if (smallest < -690) {
    // tan(π(½ − p)) = 1 / (π p), beside which p-values near 1 are nothing: the weighted harmonic mean, relative to the smallest p.
    let sum = 0;
    for (let i = 0; i < logP.length; i++) sum += (weights[i]! / total) * Math.exp(smallest - logP[i]!);
    return smallest - Math.log(sum);
  }
  let statistic = 0;
  for (let i = 0; i < logP.length; i++) {
    statistic += weights[i]! / total / Math.tan(Math.PI * Math.exp(Math.min(logP[i]!, logAlmostOne)));
  }
  return Math.log(Math.atan2(1, statistic) / Math.PI);
}

function smallestOf(values: Float64Array): number {
  let smallest = values[0]!;
  for (const value of values) if (value < smallest) smallest = value;
  return smallest;
}

function requireWeights(
  where: string,
  k: number,
  method: CombinationMethod,
  weights: readonly number[],
): void {
  if (method !== 'stouffer' && method !== 'cauchy') {
    throw invalidOption(where, 'weights', `absent for method ${method}`, weights);
  }
  requireSameLength(where, ['p-values', k], ['weights', weights.length]);
  if (!weights.every(w => Number.isFinite(w) && w > 0)) {
    throw invalidOption(where, 'weights', 'positive finite numbers', weights);
  }
}

/** Throws unless every value is in (0, 1]. */
export function requirePValues(where: string, pValues: Scores): void {
  requireScores(where, 'pValues', pValues);
  for (let i = 0; i < pValues.length; i++) {
    if (pValues[i]! > 0 && pValues[i]! <= 1) continue;
    throw new MetricsError('INVALID_VALUE', {
      where,
      expected: 'p-values in (0, 1]',
      got: `${pValues[i]} at index ${i}`,
      advice:
        'pass p-values, not scores; a p-value is never 0: one that underflowed counts as Number.MIN_VALUE',
      details: { index: i, value: pValues[i] },
    });
  }
}
