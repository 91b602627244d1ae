import type { Scores } from '../input/scores.ts';
import { AurocFold } from './auroc.ts';
import { AveragePrecisionFold } from './average-precision.ts';
import { DetectionErrorFold } from './detection-error.ts';
import { FprFold } from './false-positive-rate.ts';
import { sortPair, type TieVisitor, visitTies } from './sorted-pair.ts';

/** The ranking metrics of one detector as shares in [0, 1], without intervals. */
export interface DetectionMetrics {
  readonly auroc: number;
  readonly averagePrecisionOod: number;
  readonly averagePrecisionId: number;
  readonly fpr95IdAccepted: number;
  readonly fpr95OodCaught: number;
  readonly detectionError: number;
}

/** The names of all ranking metrics, in the order in which tables show them. */
export const detectionMetricNames = [
  'auroc',
  'averagePrecisionOod',
  'averagePrecisionId',
  'fpr95IdAccepted',
  'fpr95OodCaught',
  'detectionError',
] as const satisfies readonly (keyof DetectionMetrics)[];

/**
 * All ranking metrics from one sort and one walk: the fast way when no intervals are needed.
 *
 * Takes n log n time and one sorted copy of the input. Each value equals that of the function of the same name.
 *
 * @throws OodError `EMPTY_INPUT`, `NON_FINITE`
 */
export function detectionMetrics(id: Scores, ood: Scores): DetectionMetrics {
  const pair = sortPair('detectionMetrics', id, ood);
  const fold = new DetectionFold(id.length, ood.length);
  visitTies(pair, fold);
  return fold.metrics();
}

/** All folds at once. */
export class DetectionFold implements TieVisitor {
  readonly #auroc: AurocFold;
  readonly #averagePrecision: AveragePrecisionFold;
  readonly #error: DetectionErrorFold;
  readonly fpr: FprFold;

  constructor(idTotal: number, oodTotal: number) {
    this.#auroc = new AurocFold(idTotal, oodTotal);
    this.#averagePrecision = new AveragePrecisionFold(idTotal, oodTotal);
    this.fpr = new FprFold(idTotal, oodTotal, 0.95);
    this.#error = new DetectionErrorFold(idTotal, oodTotal);
  }

  add(idCount: number, oodCount: number, score: number): void {
    this.#auroc.add(idCount, oodCount);
    this.#averagePrecision.add(idCount, oodCount);
    this.fpr.add(idCount, oodCount, score);
    this.#error.add(idCount, oodCount, score);
  }

  metrics(): DetectionMetrics {
    return {
      auroc: this.#auroc.value(),
      averagePrecisionOod: this.#averagePrecision.ood(),
      averagePrecisionId: this.#averagePrecision.id(),
      fpr95IdAccepted: this.fpr.idAccepted().fpr,
      fpr95OodCaught: this.fpr.oodCaught().fpr,
      detectionError: this.#error.value().error,
    };
  }
}
