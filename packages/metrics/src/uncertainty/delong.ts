import { openUnit, requireOption } from '@ood/core';
import { AurocFold } from '../detection/auroc.ts';
import { type SortedPair, sortPair, type TieVisitor, visitTies } from '../detection/sorted-pair.ts';
import type { Scores } from '../input/scores.ts';
import { criticalValue, type Interval } from './interval.ts';
import type { ConfidenceOptions } from './wilson.ts';

/** An AUROC with DeLong's variance and the intervals made from it. */
export interface DelongResult {
  readonly auroc: number;
  /** Variance of the estimate; `null` with a single sample on a side, 0 for separated or constant scores. */
  readonly variance: number | null;
  readonly standardError: number | null;
  /**
   * The interval to report: DeLong on the logit scale, inside (0, 1) by construction. Where the variance is 0 or unknown,
   * a distribution-free one instead (`method` says which), so that a perfect result from 20 samples is not shown as certain.
   */
  readonly interval: Interval;
  /** AUROC ± z · SE as published; may leave [0, 1]. `null` where the variance is. */
  readonly normal: Interval | null;
  /** The same cut to [0, 1]. */
  readonly clipped: Interval | null;
}

/**
 * AUROC with DeLong's interval in O(n log n), without the n × m table and without storing placements.
 *
 * Var = S₁₀ / m + S₀₁ / n, S₁₀ and S₀₁ the sample variances of the placements V₁₀(ood) = P̂(id < ood) + ½ P̂(id = ood)
 * and V₀₁(id) = P̂(ood > id) + ½ P̂(ood = id). Assumes independent samples (frames of one video are not). Large-sample theory: the
 * nominal coverage is approached from about 30 samples a side.
 *
 * With variance 0 the k = min(n, m) disjoint pairs (one ID, one OOD) all came out alike; if they are all won, AUROC ≥ (α/2)^(1/k)
 * (Clopper & Pearson 1934), all tied: AUROC = ½ ± ½ (1 − α^(1/k)). With one sample on a side and a mixed result: [0, 1].
 *
 * @throws OodError `EMPTY_INPUT`, `NON_FINITE`, `INVALID_OPTION`
 * @see DeLong, DeLong & Clarke-Pearson (1988), Biometrics 44; Sun & Xu (2014), IEEE SPL 21
 */
export function delong(id: Scores, ood: Scores, { confidence = 0.95 }: ConfidenceOptions = {}): DelongResult {
  requireOption('delong', 'confidence', confidence, openUnit);
  return delongOfSorted(sortPair('delong', id, ood), confidence);
}

/** `delong` for scores that are sorted already. */
export function delongOfSorted(pair: SortedPair, confidence: number): DelongResult {
  const n = pair.id.length;
  const m = pair.ood.length;
  const fold = new AurocFold(n, m);
  visitTies(pair, fold);
  const auroc = fold.value();
  if (n < 2 || m < 2) {
    const interval = disjointPairsInterval(auroc, 1, confidence);
    return { auroc, variance: null, standardError: null, interval, normal: null, clipped: null };
  }
  const placements = new PlacementFold(n, m, auroc);
  visitTies(pair, placements);
  const variance = placements.variance();
  const standardError = Math.sqrt(variance);
  const half = criticalValue(confidence) * standardError;
  const [low, high] = [auroc - half, auroc + half];
  return {
    auroc,
    variance,
    standardError,
    interval:
      variance > 0 && auroc > 0 && auroc < 1
        ? logitInterval(auroc, half, confidence)
        : disjointPairsInterval(auroc, Math.min(n, m), confidence),
    normal: { low, high, confidence, method: 'delong' },
    clipped: { low: Math.max(0, low), high: Math.min(1, high), confidence, method: 'delong-clipped' },
  };
}

/** auroc ± half carried to the logit scale by its slope 1 / (auroc (1 − auroc)), and back. */
function logitInterval(auroc: number, half: number, confidence: number): Interval {
  const center = Math.log(auroc / (1 - auroc));
  const width = half / (auroc * (1 - auroc));
  const back = (logit: number): number => 1 / (1 + Math.exp(-logit));
  return { low: back(center - width), high: back(center + width), confidence, method: 'delong-logit' };
}

/** The exact bound from disjoint pairs that all came out alike; [0, 1] for anything else. */
function disjointPairsInterval(auroc: number, pairs: number, confidence: number): Interval {
  const method = 'disjoint-pairs';
  const alpha = 1 - confidence;
  const unanimous = (alpha / 2) ** (1 / pairs);
  if (auroc === 1) return { low: unanimous, high: 1, confidence, method };
  if (auroc === 0) return { low: 0, high: 1 - unanimous, confidence, method };
  const tied = 0.5 * alpha ** (1 / pairs);
  if (auroc === 0.5 && pairs > 1) return { low: tied, high: 1 - tied, confidence, method };
  return { low: 0, high: 1, confidence, method: 'none' };
}

/** Accumulates the squared deviations of both kinds of placements over ties from the highest score down. */
class PlacementFold implements TieVisitor {
  readonly #idTotal: number;
  readonly #oodTotal: number;
  readonly #mean: number;
  #idAbove = 0;
  #oodAbove = 0;
  #idSquares = 0;
  #oodSquares = 0;

  constructor(idTotal: number, oodTotal: number, mean: number) {
    this.#idTotal = idTotal;
    this.#oodTotal = oodTotal;
    this.#mean = mean;
  }

  add(idCount: number, oodCount: number): void {
    const ofOod = (this.#idTotal - this.#idAbove - 0.5 * idCount) / this.#idTotal - this.#mean;
    const ofId = (this.#oodAbove + 0.5 * oodCount) / this.#oodTotal - this.#mean;
    this.#oodSquares += oodCount * ofOod * ofOod;
    this.#idSquares += idCount * ofId * ofId;
    this.#idAbove += idCount;
    this.#oodAbove += oodCount;
  }

  variance(): number {
    const [n, m] = [this.#idTotal, this.#oodTotal];
    return this.#oodSquares / (m - 1) / m + this.#idSquares / (n - 1) / n;
  }
}
