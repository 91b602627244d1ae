import { oneOf, openUnit, requireOption } from '@ood/core';
import type { Scores } from '../input/scores.ts';
import { sortPair, type TieVisitor, visitTies } from './sorted-pair.ts';

/** Which class the true positive rate speaks of. Both readings are called "FPR95" in the literature. */
export type FprReading = 'idAccepted' | 'oodCaught';

export interface FprOptions {
  /** Required true positive rate, 0 < tpr < 1. Default 0.95. */
  readonly tpr?: number;
  /** `'idAccepted'` (default): OOD accepted while `tpr` of ID is accepted; `'oodCaught'`: ID rejected while `tpr` of OOD is caught. */
  readonly reading?: FprReading;
}

/** One point of the exact curve. */
export interface OperatingPoint {
  /** Share of the other class on the wrong side. */
  readonly fpr: number;
  /** Share of the reading's class on its own side: at least the one asked for. */
  readonly tpr: number;
  /** `'idAccepted'` accepts scores ≤ threshold as ID; `'oodCaught'` flags scores ≥ threshold as OOD. */
  readonly threshold: number;
}

/**
 * The false positive rate at a true positive rate, on the exact ROC curve, with its threshold.
 *
 * The smallest false positive rate among all thresholds that reach the true positive rate; nothing is interpolated and
 * no collinear point dropped (scikit-learn's default `roc_curve` drops some and can overstate this value).
 * The threshold is chosen on the very scores it is measured on: for a decision rule use `conformalThreshold`.
 *
 * @throws OodError `EMPTY_INPUT`, `NON_FINITE`, `INVALID_OPTION`
 */
export function fprAtTpr(
  id: Scores,
  ood: Scores,
  { tpr = 0.95, reading = 'idAccepted' }: FprOptions = {},
): OperatingPoint {
  requireOption('fprAtTpr', 'tpr', tpr, openUnit);
  requireOption('fprAtTpr', 'reading', reading, oneOf('idAccepted', 'oodCaught'));
  const pair = sortPair('fprAtTpr', id, ood);
  const fold = new FprFold(id.length, ood.length, tpr);
  visitTies(pair, fold);
  return reading === 'idAccepted' ? fold.idAccepted() : fold.oodCaught();
}

/** Share of OOD samples accepted while 95 % of ID samples are accepted: the headline reading. See `fprAtTpr`. */
export function fpr95IdAccepted(id: Scores, ood: Scores): number {
  return fprAtTpr(id, ood, { reading: 'idAccepted' }).fpr;
}

/** Share of ID samples rejected while 95 % of OOD samples are caught: the other reading. See `fprAtTpr`. */
export function fpr95OodCaught(id: Scores, ood: Scores): number {
  return fprAtTpr(id, ood, { reading: 'oodCaught' }).fpr;
}

/** Finds both operating points in one walk over ties from the highest score down. */
export class FprFold implements TieVisitor {
  readonly #idTotal: number;
  readonly #oodTotal: number;
  readonly #tpr: number;
  #idAbove = 0;
  #oodAbove = 0;
  #accepted = { id: 0, ood: 0, threshold: 0 };
  #caught: { id: number; ood: number; threshold: number } | undefined;

  constructor(idTotal: number, oodTotal: number, tpr: number) {
    this.#idTotal = idTotal;
    this.#oodTotal = oodTotal;
    this.#tpr = tpr;
  }

  add(idCount: number, oodCount: number, score: number): void {
    const idAtOrBelow = this.#idTotal - this.#idAbove;
    // Only a threshold at an ID score can be the smallest one that still accepts them.
    if (idCount > 0 && idAtOrBelow / this.#idTotal >= this.#tpr) {
      this.#accepted.id = idAtOrBelow;
      this.#accepted.ood = this.#oodTotal - this.#oodAbove;
      this.#accepted.threshold = score;
    }
    this.#idAbove += idCount;
    this.#oodAbove += oodCount;
    if (this.#caught === undefined && this.#oodAbove / this.#oodTotal >= this.#tpr) {
      this.#caught = { id: this.#idAbove, ood: this.#oodAbove, threshold: score };
    }
  }

  idAccepted(): OperatingPoint {
    const { id, ood, threshold } = this.#accepted;
    return { fpr: ood / this.#oodTotal, tpr: id / this.#idTotal, threshold };
  }

  oodCaught(): OperatingPoint {
    const { id, ood, threshold } = this.#caught!;
    return { fpr: id / this.#idTotal, tpr: ood / this.#oodTotal, threshold };
  }
}
