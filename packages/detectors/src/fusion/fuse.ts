import type { NumericArray } from '../contract/method.ts';
import type { Formula, Value } from '../formula/formula.ts';
import { evidence } from './evidence-scale.ts';

/**
 * log(e^a + w e^b) − log(1 + w): a the evidence of the first score, b that of the mean of the others' evidence, each on its own scale.
 * Never below a − log(1 + w); a itself where there are no others.
 */
export function fuse(
  f: Formula,
  [density, ...others]: readonly Value[],
  arrays: Readonly<Record<string, NumericArray>>,
  weight: number,
): Value {
  const alarm = evidence(f, density!, { arrays, prefix: 'scale0' });
  const doubts = others.map((score, i) => evidence(f, score, { arrays, prefix: `scale${i + 1}` }));
  if (doubts.length === 0) return alarm;
  const mean = f.divide(
    doubts.reduce((sum, doubt) => f.add(sum, doubt)),
    doubts.length,
  );
  const doubt = evidence(f, mean, { arrays, prefix: 'evidence' });
  const weighted = f.add(doubt, Math.log(weight));
  // log(e^a + e^b) by the larger of the two, which may be far beyond what exp can take.
  const larger = f.atLeast(alarm, weighted);
  const smaller = f.atMost(alarm, weighted);
  const rest = f.log(f.add(f.exp(f.subtract(smaller, larger)), 1));
  return f.subtract(f.add(larger, rest), Math.log(1 + weight));
}
