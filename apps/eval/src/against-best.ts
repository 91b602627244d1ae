import { adjustPValues, delongTest, type ScorePair } from '@ood/metrics';

/** How a detector stands to the best one of a set. */
export interface AgainstBest {
  /** DeLong's paired test, Holm-adjusted over all others; `null` for the best itself, and where there is nothing to test. */
  readonly p: number | null;
  /** Whether it is the best, or the samples cannot tell it from the best (p > 0.05). */
  readonly amongBest: boolean;
}

/** Every detector against the one that ranks first, by paired tests on the same rows; nothing of none. */
export function againstBest(
  detectors: readonly { readonly detector: string; readonly rankedBy: number; readonly pair: ScorePair }[],
): ReadonlyMap<string, AgainstBest> {
  if (detectors.length === 0) return new Map();
  const best = detectors.reduce((a, b) => (b.rankedBy > a.rankedBy ? b : a));
  const others = detectors.filter(one => one !== best);
  const tests = others.map(one => (testable(one.pair) ? delongTest(best.pair, one.pair).p : null));
  const tested = tests.filter(p => p !== null);
  const adjusted = tested.length > 0 ? [...adjustPValues(tested, { method: 'holm' })] : [];
  const entries = others.map(({ detector }, i): [string, AgainstBest] => {
    const p = tests[i] === null ? null : adjusted.shift()!;
    return [detector, { p, amongBest: p === null || p > 0.05 }];
  });
  return new Map([[best.detector, { p: null, amongBest: true }], ...entries]);
}

/** A paired test needs variation on both sides. */
function testable({ id, ood }: ScorePair): boolean {
  return id.length > 1 && ood.length > 1;
}
