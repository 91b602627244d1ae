import { MetricsError } from '../errors.ts';
import { requireList, requireSameLength, requireScores, type Scores } from '../input/scores.ts';

/** The exact risk–coverage curve as columns, from the strictest threshold to the loosest. */
export interface RiskCoverageCurve {
  /** Share of samples accepted: score ≤ threshold. */
  readonly coverage: Float64Array;
  /** Share of the accepted ones that are wrong. */
  readonly risk: Float64Array;
  /** Ascending. */
  readonly thresholds: Float64Array;
}

/** Samples of one score, and how many of them the classifier got wrong. */
export interface ScoreGroup {
  readonly score: number;
  readonly count: number;
  readonly wrong: number;
}

/**
 * The risk–coverage curve of a classifier that abstains where the score is high: one point per distinct score.
 *
 * @param scores uncertainty of each sample, higher = less to be trusted
 * @param correct 1 or true where the classifier's answer is right
 * @throws OodError `EMPTY_INPUT`, `NON_FINITE`, `WRONG_SHAPE`, `INVALID_VALUE` (not 0, 1, true or false)
 * @see El-Yaniv & Wiener (2010), JMLR 11
 */
export function riskCoverageCurve(scores: Scores, correct: ArrayLike<number | boolean>): RiskCoverageCurve {
  const groups = groupByScore('riskCoverageCurve', scores, correct);
  let [accepted, wrong] = [0, 0];
  const points = groups.map(group => {
    accepted += group.count;
    wrong += group.wrong;
    return { coverage: accepted / scores.length, risk: wrong / accepted };
  });
  return {
    coverage: Float64Array.from(points, point => point.coverage),
    risk: Float64Array.from(points, point => point.risk),
    thresholds: Float64Array.from(groups, group => group.score),
  };
}

/** Samples grouped by score, ascending. */
export function groupByScore(
  where: string,
  scores: Scores,
  correct: ArrayLike<number | boolean>,
): ScoreGroup[] {
  requireOutcomes(where, scores, correct);
  const order = Uint32Array.from({ length: scores.length }, (_, i) => i).sort(
    (a, b) => scores[a]! - scores[b]!,
  );
  return groupInOrder(order, scores, correct);
}

/** Rows that are in the order of their scores, an index once or several times, grouped by score. */
export function groupInOrder(
  order: ArrayLike<number>,
  scores: Scores,
  correct: ArrayLike<number | boolean>,
): ScoreGroup[] {
  const groups: { score: number; count: number; wrong: number }[] = [];
  for (let i = 0; i < order.length; i++) {
    const score = scores[order[i]!]!;
    let group = groups.at(-1);
    if (group === undefined || group.score !== score) groups.push((group = { score, count: 0, wrong: 0 }));
    group.count += 1;
    group.wrong += 1 - Number(correct[order[i]!]);
  }
  return groups;
}

/** Throws unless there is one finite score and one outcome, right or wrong, for each sample. */
export function requireOutcomes(where: string, scores: Scores, correct: ArrayLike<number | boolean>): void {
  requireScores(where, 'scores', scores);
  requireList(where, 'correct', correct);
  requireSameLength(where, ['scores', scores.length], ['correct', correct.length]);
  for (let i = 0; i < correct.length; i++) {
    const value = correct[i];
    if (value === true || value === false || value === 0 || value === 1) continue;
    throw new MetricsError('INVALID_VALUE', {
      where,
      expected: 'outcomes 1 or true (right), 0 or false (wrong)',
      got: `${String(value)} at index ${i}`,
      advice: 'compare the predicted class with the label of each sample',
      details: { index: i, value },
    });
  }
}
