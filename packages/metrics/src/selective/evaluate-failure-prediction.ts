import {
  type DetectionMetrics,
  detectionMetricNames,
  detectionMetrics,
} from '../detection/detection-metrics.ts';
import type { Scores } from '../input/scores.ts';
import { bootstrapMetrics } from '../uncertainty/bootstrap.ts';
import type { Estimate } from '../uncertainty/interval.ts';
import { type BootstrapOptions, resample } from '../uncertainty/resample.ts';
import { wilson } from '../uncertainty/wilson.ts';
import { groupInOrder, requireOutcomes } from './risk-coverage.ts';
import { riskOfGroups } from './selective-risk.ts';

/** How well a score finds the ID samples that the classifier gets wrong. */
export interface FailurePrediction {
  readonly count: number;
  /** Share of wrong answers; Wilson interval. */
  readonly errorRate: Estimate;
  /** See `selectiveRisk`. */
  readonly aurc: Estimate;
  readonly excessAurc: Estimate;
  readonly augrc: Estimate;
  /**
   * Ranking metrics with wrong answers as the positive class (where OOD is in `detectionMetrics`); `null` where all answers are right, or
   * all wrong.
   */
  readonly ranking: Readonly<Record<keyof DetectionMetrics, Estimate>> | null;
}

const AREAS = ['aurc', 'excessAurc', 'augrc'] as const;

/**
 * Failure prediction (misclassification detection) on ID samples: does the score rise where the classifier errs?
 *
 * Areas under risk–coverage curves with seeded bootstrap percentiles over samples; AUROC and the other ranking metrics of wrong against right
 * answers, their bootstrap stratified. A score that finds OOD inputs need not find failures, and the other way round: report both.
 *
 * @param scores uncertainty of each ID sample, higher = less to be trusted
 * @param correct 1 or true where the classifier's answer is right
 * @throws OodError `EMPTY_INPUT`, `NON_FINITE`, `WRONG_SHAPE`, `INVALID_VALUE`, `INVALID_OPTION`, `ABORTED`
 * @see Hendrycks & Gimpel (2017), ICLR; Geifman, Uziel & El-Yaniv (2019), ICLR; Jaeger et al. (2023), ICLR
 */
export function evaluateFailurePrediction(
  scores: Scores,
  correct: ArrayLike<number | boolean>,
  options: BootstrapOptions = {},
): FailurePrediction {
  const where = 'evaluateFailurePrediction';
  requireOutcomes(where, scores, correct);
  const n = scores.length;
  const order = Uint32Array.from({ length: n }, (_, i) => i).sort((a, b) => scores[a]! - scores[b]!);
  const areas = riskOfGroups(groupInOrder(order, scores, correct));
  const times = new Uint32Array(n);
  const drawn = new Uint32Array(n);
  const resampled = resample(where, AREAS, options, random => {
    times.fill(0);
    for (let i = 0; i < n; i++) times[random.below(n)]!++;
    let at = 0;
    for (const row of order) for (let copy = times[row]!; copy > 0; copy--) drawn[at++] = row;
    return riskOfGroups(groupInOrder(drawn, scores, correct));
  });
  const estimate = (name: (typeof AREAS)[number]): Estimate => ({
    value: areas[name],
    interval: resampled[name].interval,
  });
  const { confidence = 0.95 } = options;
  return {
    count: n,
    errorRate: wilson(Math.round(areas.errorRate * n), n, { confidence }),
    aurc: estimate('aurc'),
    excessAurc: estimate('excessAurc'),
    augrc: estimate('augrc'),
    ranking: rankingOf(scores, correct, options),
  };
}

function rankingOf(
  scores: Scores,
  correct: ArrayLike<number | boolean>,
  options: BootstrapOptions,
): FailurePrediction['ranking'] {
  const right = Float64Array.from(scores).filter((_, i) => Number(correct[i]) === 1);
  const wrong = Float64Array.from(scores).filter((_, i) => Number(correct[i]) === 0);
  if (right.length === 0 || wrong.length === 0) return null;
  const values = detectionMetrics(right, wrong);
  const resampled = bootstrapMetrics(right, wrong, options);
  return Object.fromEntries(
    detectionMetricNames.map(name => [name, { value: values[name], interval: resampled[name].interval }]),
  ) as Record<keyof DetectionMetrics, Estimate>;
}
