import { openUnit, requireOption } from '@ood/core';
import { sortPair } from '../detection/sorted-pair.ts';
import type { ScorePair } from '../detection/split-by-label.ts';
import { MetricsError } from '../errors.ts';
import { requireList, requireSameLength } from '../input/scores.ts';
import { countAtMost, countBelow } from '../input/sorted-counts.ts';
import { normalUpperTail } from '../special/normal.ts';
import { criticalValue, type Interval } from './interval.ts';
import type { ConfidenceOptions } from './wilson.ts';

/** Two AUROCs on the same samples and how sure their difference is. */
export interface DelongTest {
  /** AUROC of `a` and of `b`. */
  readonly auroc: readonly [number, number];
  /** Covariance matrix of the two, row by row. */
  readonly covariance: readonly [readonly [number, number], readonly [number, number]];
  /** AUROC of `a` minus that of `b`. */
  readonly difference: number;
  readonly variance: number;
  readonly standardError: number;
  /** difference ± z · SE. Where the variance is 0, bounds from disjoint pairs if the AUROCs differ, else `null`. */
  readonly interval: Interval | null;
  /** difference / SE; `null` when the variance is 0 (the two rank alike, or each ranks every pair alike). */
  readonly z: number | null;
  /** Two-sided p-value of equal AUROCs, never 0; `null` where the interval is. */
  readonly p: number | null;
}

/**
 * DeLong's paired test: do two detectors scored on the same samples differ in AUROC? O(n log n).
 *
 * Var(A − B) = s²(ΔV₁₀) / m + s²(ΔV₀₁) / n over the differences of the detectors' placements on each sample. Assumes independent samples, the same samples in the same order in both, and
 * large samples for the normal p-value. For several tests see `adjustPValues`.
 *
 * With variance 0 for both detectors (each separates perfectly, ties everything or inverts everything) the k = min(n, m) disjoint pairs of one ID and one OOD
 * sample all show the same difference d; a mean of μ in [−1, 1] does so with probability at most ((1 + μ) / (1 + d))ᵏ (Markov), which gives
 * p = 2 / (1 + |d|)ᵏ and its interval.
 *
 * @throws OodError `EMPTY_INPUT`, `NON_FINITE`, `WRONG_SHAPE`, `INVALID_OPTION`; `TOO_FEW` below two samples on a side
 * @see DeLong, DeLong & Clarke-Pearson (1988), Biometrics 44
 */
export function delongTest(
  a: ScorePair,
  b: ScorePair,
  { confidence = 0.95 }: ConfidenceOptions = {},
): DelongTest {
  return delongTestOf('delongTest', ['a', a], ['b', b], confidence);
}

/** `delongTest` of named detectors, as part of the function `where`. */
export function delongTestOf(
  where: string,
  [aName, a]: readonly [name: string, scores: ScorePair],
  [bName, b]: readonly [name: string, scores: ScorePair],
  confidence: number,
): DelongTest {
  requireOption(where, 'confidence', confidence, openUnit);
  requirePaired(where, a, b, [aName, bName]);
  const [first, second] = [placements(where, a, aName), placements(where, b, bName)];
  const n = a.id.length;
  const m = a.ood.length;
  if (n < 2 || m < 2) {
    throw new MetricsError('TOO_FEW', {
      where,
      expected: 'at least two ID and two OOD samples',
      got: `${n} and ${m}`,
      advice: 'a paired test needs variation on both sides; add samples',
      details: { idCount: n, oodCount: m },
    });
  }
  const covary = (x: Placements, y: Placements): number =>
    covariance(x.ofOod, y.ofOod) / m + covariance(x.ofId, y.ofId) / n;
  const between = covary(first, second);
  const delta = { ofOod: minus(first.ofOod, second.ofOod), ofId: minus(first.ofId, second.ofId) };
  const variance = covary(delta, delta);
  const auroc = [mean(first.ofOod), mean(second.ofOod)] as const;
  const difference = auroc[0] - auroc[1];
  const standardError = Math.sqrt(variance);
  const [own, other] = [covary(first, first), covary(second, second)];
  const z = variance > 0 ? difference / standardError : null;
  const unanimous = own === 0 && other === 0 && difference !== 0;
  const tested =
    z !== null
      ? normalTest(difference, standardError, confidence)
      : unanimous
        ? disjointPairsTest(difference, Math.min(n, m), confidence)
        : { interval: null, p: null };
  return {
    auroc,
    covariance: [
      [own, between],
      [between, other],
    ],
    difference,
    variance,
    standardError,
    z,
    ...tested,
  };
}

type Tested = Pick<DelongTest, 'interval' | 'p'>;

function normalTest(difference: number, standardError: number, confidence: number): Tested {
  const half = criticalValue(confidence) * standardError;
  return {
    interval: { low: difference - half, high: difference + half, confidence, method: 'delong-paired' },
    p: asPValue(2 * normalUpperTail(Math.abs(difference) / standardError)),
  };
}

function disjointPairsTest(difference: number, pairs: number, confidence: number): Tested {
  const bound = ((1 - confidence) / 2) ** (1 / pairs);
  const [low, high] = [(1 + difference) * bound - 1, 1 - (1 - difference) * bound];
  return {
    interval: { low, high, confidence, method: 'disjoint-pairs' },
    p: asPValue(2 * (1 + Math.abs(difference)) ** -pairs),
  };
}

/** At most 1, and where it underflows still smaller than any other: a p-value is never 0. */
function asPValue(p: number): number {
  return Math.min(1, Math.max(Number.MIN_VALUE, p));
}

/** Throws unless both detectors have scored equally many samples of each set. */
export function requirePaired(
  where: string,
  a: ScorePair,
  b: ScorePair,
  [aName, bName]: readonly [string, string] = ['a', 'b'],
): void {
  for (const set of ['id', 'ood'] as const) {
    requireList(where, `${aName}.${set}`, a?.[set]);
    requireList(where, `${bName}.${set}`, b?.[set]);
    requireSameLength(where, [`${aName}.${set}`, a[set].length], [`${bName}.${set}`, b[set].length]);
  }
}

interface Placements {
  readonly ofId: Float64Array;
  readonly ofOod: Float64Array;
}

/** For every sample, the share of the other set on its right side, ties counting half. */
function placements(where: string, { id, ood }: ScorePair, name: string): Placements {
  const sorted = sortPair(where, id, ood, [`${name}.id`, `${name}.ood`]);
  const share = (others: ArrayLike<number>, s: number): number =>
    (countBelow(others, s) + countAtMost(others, s)) / 2 / others.length;
  return {
    ofId: Float64Array.from(id, s => 1 - share(sorted.ood, s)),
    ofOod: Float64Array.from(ood, s => share(sorted.id, s)),
  };
}

function minus(x: Float64Array, y: Float64Array): Float64Array {
  return x.map((value, i) => value - y[i]!);
}

function mean(x: Float64Array): number {
  let sum = 0;
  for (const value of x) sum += value;
  return sum / x.length;
}

function covariance(x: Float64Array, y: Float64Array): number {
  const [xMean, yMean] = [mean(x), mean(y)];
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += (x[i]! - xMean) * (y[i]! - yMean);
  return sum / (x.length - 1);
}
