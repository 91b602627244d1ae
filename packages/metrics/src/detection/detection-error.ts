import type { Scores } from '../input/scores.ts';
import { sortPair, type TieVisitor, visitTies } from './sorted-pair.ts';

/** The best achievable balanced error and where it is reached. */
export interface DetectionError {
  /** min over t of ½ P(id ≥ t) + ½ P(ood < t), in [0, 0.5]. */
  readonly error: number;
  /** Scores ≥ threshold are called OOD; `Infinity` when nothing beats calling everything ID. */
  readonly threshold: number;
}

/**
 * The smallest balanced error over all thresholds: min ½ (ID rejected + OOD accepted), both classes weighing the same.
 *
 * Optimistic by construction, because the threshold is chosen on the same OOD samples.
 *
 * @throws OodError `EMPTY_INPUT`, `NON_FINITE`
 * @see Lee et al. (2018), "A simple unified framework…", NeurIPS (1 − their detection accuracy)
 */
export function detectionError(id: Scores, ood: Scores): DetectionError {
  const pair = sortPair('detectionError', id, ood);
  const fold = new DetectionErrorFold(id.length, ood.length);
  visitTies(pair, fold);
  return fold.value();
}

/** Tracks the smallest balanced error over ties from the highest score down. */
export class DetectionErrorFold implements TieVisitor {
  readonly #idTotal: number;
  readonly #oodTotal: number;
  #idAbove = 0;
  #oodAbove = 0;
  #error = 0.5;
  #threshold = Number.POSITIVE_INFINITY;

  constructor(idTotal: number, oodTotal: number) {
    this.#idTotal = idTotal;
    this.#oodTotal = oodTotal;
  }

  add(idCount: number, oodCount: number, score: number): void {
    this.#idAbove += idCount;
    this.#oodAbove += oodCount;
    const error = 0.5 * (this.#idAbove / this.#idTotal + (this.#oodTotal - this.#oodAbove) / this.#oodTotal);
    if (error < this.#error) {
      this.#error = error;
      this.#threshold = score;
    }
  }

  value(): DetectionError {
    return { error: this.#error, threshold: this.#threshold };
  }
}
