import type { Scores } from '../input/scores.ts';
import { sortPair, type TieVisitor, visitTies } from './sorted-pair.ts';

/**
 * Average precision with OOD as the positive class: Σₜ (Rₜ − Rₜ₋₁) Pₜ over all distinct thresholds, from the highest.
 *
 * The step sum without interpolation, as in scikit-learn; the trapezoid under the precision-recall curve is optimistic
 * and is not offered. Depends on the share of OOD samples: a random score gets about m / (n + m), not 0.5.
 *
 * @throws OodError `EMPTY_INPUT`, `NON_FINITE`
 * @see Davis & Goadrich (2006), ICML
 */
export function averagePrecisionOod(id: Scores, ood: Scores): number {
  const pair = sortPair('averagePrecisionOod', id, ood);
  const fold = new AveragePrecisionFold(id.length, ood.length);
  visitTies(pair, fold);
  return fold.ood();
}

/**
 * Average precision with ID as the positive class: the same step sum on negated scores, a low score meaning ID.
 *
 * A random score gets about n / (n + m).
 *
 * @throws OodError `EMPTY_INPUT`, `NON_FINITE`
 */
export function averagePrecisionId(id: Scores, ood: Scores): number {
  const pair = sortPair('averagePrecisionId', id, ood);
  const fold = new AveragePrecisionFold(id.length, ood.length);
  visitTies(pair, fold);
  return fold.id();
}

/** Accumulates both average precisions over ties from the highest score down. */
export class AveragePrecisionFold implements TieVisitor {
  readonly #idTotal: number;
  readonly #oodTotal: number;
  #idAbove = 0;
  #oodAbove = 0;
  #oodSum = 0;
  #idSum = 0;

  constructor(idTotal: number, oodTotal: number) {
    this.#idTotal = idTotal;
    this.#oodTotal = oodTotal;
  }

  add(idCount: number, oodCount: number): void {
    if (idCount > 0) {
      const idAtOrBelow = this.#idTotal - this.#idAbove;
      const oodAtOrBelow = this.#oodTotal - this.#oodAbove;
      this.#idSum += (idCount * idAtOrBelow) / (idAtOrBelow + oodAtOrBelow);
    }
    this.#idAbove += idCount;
    this.#oodAbove += oodCount;
    if (oodCount > 0) this.#oodSum += (oodCount * this.#oodAbove) / (this.#oodAbove + this.#idAbove);
  }

  ood(): number {
    return this.#oodSum / this.#oodTotal;
  }

  id(): number {
    return this.#idSum / this.#idTotal;
  }
}
