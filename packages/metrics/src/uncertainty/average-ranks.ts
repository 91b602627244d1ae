import { openUnit, requireOption } from '@ood/core';
import { MetricsError } from '../errors.ts';
import { requireScores, type Scores } from '../input/scores.ts';
import { normalUpperTail } from '../special/normal.ts';
import type { ConfidenceOptions } from './wilson.ts';

/** How methods rank over several data sets. */
export interface AverageRanks {
  /** Mean rank of each method over the data sets, 1 = best; methods that tie share the mean of their ranks. */
  readonly ranks: Float64Array;
  /** Nemenyi: mean ranks further apart than this differ. */
  readonly criticalDifference: number;
  readonly methods: number;
  readonly dataSets: number;
}

/**
 * Mean ranks of k methods over N data sets, and Nemenyi's critical difference CD = q √(k (k + 1) / 6N), q the quantile of the studentized
 * range (infinitely many degrees of freedom) over √2.
 *
 * Data sets must be independent: several OOD sets judged against one ID test set are not, quite, and make the difference too small.
 *
 * @param values `[N][k]`: for each data set the figure of every method, higher = better
 * @throws OodError `TOO_FEW` for fewer than two methods or no data set, `WRONG_SHAPE`, `NON_FINITE`, `INVALID_OPTION`
 * @see Demšar (2006), JMLR 7
 */
export function averageRanks(
  values: readonly Scores[],
  { confidence = 0.95 }: ConfidenceOptions = {},
): AverageRanks {
  const where = 'averageRanks';
  requireOption(where, 'confidence', confidence, openUnit);
  const dataSets = values.length;
  const methods = values[0]?.length ?? 0;
  if (methods < 2)
    throw new MetricsError('TOO_FEW', {
      where,
      expected: 'at least two methods on at least one data set',
      got: dataSets === 0 ? 'no data set' : `${methods}`,
      details: { methods, dataSets },
    });
  const ranks = new Float64Array(methods);
  values.forEach((row, i) => {
    requireScores(where, `values[${i}]`, row);
    if (row.length !== methods)
      throw new MetricsError('WRONG_SHAPE', {
        where: `${where}, values[${i}]`,
        expected: `${methods} figures, as for the data sets before`,
        got: `${row.length}`,
        details: { dataSet: i, methods },
      });
    for (let a = 0; a < methods; a++) {
      let [better, equal] = [0, 0];
      for (let b = 0; b < methods; b++) {
        if (row[b]! > row[a]!) better++;
        else if (row[b] === row[a]) equal++;
      }
      ranks[a]! += (better + (equal + 1) / 2) / dataSets;
    }
  });
  const q = rangeQuantile(methods, confidence) / Math.SQRT2;
  return {
    ranks,
    criticalDifference: q * Math.sqrt((methods * (methods + 1)) / (6 * dataSets)),
    methods,
    dataSets,
  };
}

/** The quantile of the range of k standard normals, to about 1e-9. */
function rangeQuantile(k: number, confidence: number): number {
  let [low, high] = [0, 20];
  while (high - low > 1e-10) {
    const middle = (low + high) / 2;
    if (rangeProbability(k, middle) < confidence) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** P(range of k standard normals ≤ q) = k ∫ φ(z) (Φ(z) − Φ(z − q))^(k−1) dz, by Simpson's rule: the integrand is smooth and dies out. */
function rangeProbability(k: number, q: number): number {
  const steps = 400;
  const [from, to] = [-8, 8 + q];
  const width = (to - from) / steps;
  let sum = 0;
  for (let i = 0; i <= steps; i++) {
    const z = from + i * width;
    const between = normalUpperTail(z - q) - normalUpperTail(z);
    const value = Math.exp((-z * z) / 2) * Math.max(0, between) ** (k - 1);
    sum += value * (i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2);
  }
  return (k * sum * width) / 3 / Math.sqrt(2 * Math.PI);
}
