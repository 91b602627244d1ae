import type { Scores } from '../input/scores.ts';
import { sortPair, type TieVisitor, visitTies } from './sorted-pair.ts';

/**
 * Area under the ROC curve with OOD as the positive class: P(ood > id) + ½ P(ood = id).
 *
 * Exact (no thresholds are skipped, ties count half). The orientation is fixed: a detector that ranks backwards gets
 * a value below 0.5 and is not flipped. Unit: share in [0, 1]. Does not depend on how many samples each set has.
 *
 * @throws OodError `EMPTY_INPUT`, `NON_FINITE`
 * @see Mann & Whitney (1947); Hanley & McNeil (1982), Radiology 143
 */
export function auroc(id: Scores, ood: Scores): number {
  const pair = sortPair('auroc', id, ood);
  const fold = new AurocFold(id.length, ood.length);
  visitTies(pair, fold);
  return fold.value();
}

/** Accumulates the Mann–Whitney count over ties from the highest score down. */
export class AurocFold implements TieVisitor {
  readonly #idTotal: number;
  readonly #oodTotal: number;
  #idAbove = 0;
  #twiceWins = 0;

  constructor(idTotal: number, oodTotal: number) {
    this.#idTotal = idTotal;
    this.#oodTotal = oodTotal;
  }

  add(idCount: number, oodCount: number): void {
    // Twice the wins are integers: exact up to 2⁵³, i.e. 67 million samples on each side.
    this.#twiceWins += oodCount * (2 * (this.#idTotal - this.#idAbove) - idCount);
    this.#idAbove += idCount;
  }

  value(): number {
    return this.#twiceWins / 2 / (this.#idTotal * this.#oodTotal);
  }
}
