import type { Scores } from '../input/scores.ts';
import { groupByScore, type ScoreGroup } from './risk-coverage.ts';

/** How well a score tells a classifier's right answers from its wrong ones, as areas under risk–coverage curves. */
export interface SelectiveRisk {
  /** AURC: mean over coverages 1/n … 1 of the error rate among the samples accepted first, in [0, 1]; lower is better. */
  readonly aurc: number;
  /** E-AURC: `aurc` minus that of a score that ranks every right answer before every wrong one; 0 is perfect. */
  readonly excessAurc: number;
  /** AUGRC: mean over coverages of (wrong and accepted) / n, the risk of a failure that nobody notices; at most (n + 1) / 2n. */
  readonly augrc: number;
  /** Share of wrong answers at full coverage. */
  readonly errorRate: number;
}

/**
 * AURC, E-AURC and AUGRC of a score that ranks samples from trusted to not trusted.
 *
 * AURC = (1/n) Σᵢ Eᵢ/i and AUGRC = (1/n²) Σᵢ Eᵢ, Eᵢ the number of wrong answers among the i samples of the lowest scores. Samples of equal
 * scores count as in the mean over their orders, so that a constant score has the AURC of its error rate. The optimum that
 * E-AURC subtracts is the exact one for n samples, (1/n) Σ_{j=1..e} j/(n − e + j), not its limit r + (1 − r) ln(1 − r).
 *
 * AURC weighs errors at low coverage heavily and depends on the error rate: compare scores of one classifier. AUGRC is linear in the
 * AUROC of failures: (1 − AUROC) · r(1 − r) + r²/2 for many samples.
 *
 * @param scores uncertainty of each ID sample, higher = less to be trusted; an OOD score will do
 * @param correct 1 or true where the classifier's answer is right
 * @throws OodError `EMPTY_INPUT`, `NON_FINITE`, `WRONG_SHAPE`, `INVALID_VALUE` (not 0, 1, true or false)
 * @see Geifman, Uziel & El-Yaniv (2019), ICLR (AURC, E-AURC); Traub, Bungert, Lüth et al. (2024), NeurIPS (AUGRC)
 */
export function selectiveRisk(scores: Scores, correct: ArrayLike<number | boolean>): SelectiveRisk {
  return riskOfGroups(groupByScore('selectiveRisk', scores, correct));
}

/** The areas from samples grouped by score, ascending. */
export function riskOfGroups(groups: readonly ScoreGroup[]): SelectiveRisk {
  let [accepted, wrong, riskSum, failureSum] = [0, 0, 0, 0];
  for (const group of groups) {
    const share = group.wrong / group.count;
    for (let j = 1; j <= group.count; j++) {
      // Of the first j samples of a tie, j · share are wrong in the mean over its orders.
      riskSum += (wrong + j * share) / (accepted + j);
      failureSum += wrong + j * share;
    }
    accepted += group.count;
    wrong += group.wrong;
  }
  const aurc = riskSum / accepted;
  let best = 0;
  for (let j = 1; j <= wrong; j++) best += j / (accepted - wrong + j) / accepted;
  return {
    aurc,
    // Rounding must not make a perfect ranking better than the best.
    excessAurc: Math.max(0, aurc - best),
    augrc: failureSum / accepted ** 2,
    errorRate: wrong / accepted,
  };
}
