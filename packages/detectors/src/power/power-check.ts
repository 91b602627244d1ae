import {
  createRandom,
  finite,
  type Matrix,
  openUnit,
  permutation,
  pickRows,
  type Rows,
  requireOptions,
  type Seed,
  wholeFrom,
} from '@ood/core';
import { auroc } from '@ood/metrics';
import type { Detector } from '../contract/detector.ts';
import type { Environment } from '../contract/environment.ts';
import type { Head } from '../contract/rows.ts';
import { applyHead } from '../contract/training.ts';
import { DetectorsError } from '../errors.ts';
import { openProducts } from '../linear-algebra/products.ts';
import { type PseudoOod, pseudoOod } from './pseudo-ood.ts';

export interface PowerCheckOptions extends Environment {
  /** Decision threshold: scores above it are alarms. Default: the 1 − α quantile of the scores of the rows. */
  readonly threshold?: number | undefined;
  /** Share of ID rows that may be alarms. Default 0.05. */
  readonly alpha?: number | undefined;
  /** Computes the logits of made features, for detectors that read logits. Without it logits are mixed as features are. */
  readonly head?: Head | undefined;
  /** Default 1. */
  readonly seed?: Seed | undefined;
  /** Rows looked at, at most; drawn at random. Default 2000. */
  readonly mostRows?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** How one kind of made rows scores. */
export interface Sight {
  /** Share of them beyond the threshold. */
  readonly alarms: number;
  /** Area under the ROC curve against the ID rows. */
  readonly auroc: number;
}

export interface PowerCheck {
  /** Whether alarms on at least one kind are clearly more frequent than `alpha`: a detector for which this is false can catch nothing. */
  readonly canSee: boolean;
  /** Rows whose coordinates come from two ID rows: of the three, the one that ranks detectors most as real OOD does. */
  readonly swapped: Sight;
  /** Rows whose coordinates each come from an ID row of their own. */
  readonly shuffled: Sight;
  /** Rows three times as far from the mean. */
  readonly stretched: Sight;
  readonly threshold: number;
  readonly alpha: number;
  /** ID rows looked at. */
  readonly rows: number;
}

/** Fewer rows say nothing about a rate of some percent. */
const FEWEST_ROWS = 20;

const RULES = {
  threshold: finite,
  alpha: openUnit,
  mostRows: wholeFrom(FEWEST_ROWS),
} as const;

/**
 * What a fitted detector can catch, from ID rows alone: how often rows made from ID rows that are none (coordinates of different
 * rows put together, or stretched from the mean) score beyond the threshold. A detector that is blind to all of them, such as one
 * fitted on two rows, or one whose threshold is 1e15, can catch nothing. The converse does not hold: one that sees them
 * may still miss real OOD inputs.
 *
 * @param rows ID rows that the detector was not fitted on; features, and logits where it reads them
 * @throws as `detector.score`; DetectorsError `TOO_FEW` for less than 20 rows; CoreError `INVALID_OPTION`
 */
export async function powerCheck(
  detector: Pick<Detector, 'describe' | 'score'>,
  rows: Rows,
  options: PowerCheckOptions = {},
): Promise<PowerCheck> {
  const { threshold, alpha = 0.05, head, seed = 1, mostRows = 2000, signal, runtime, threads } = options;
  requireOptions('powerCheck', { threshold, alpha, mostRows }, RULES);
  const { reads } = detector.describe();
  const count = (rows.features ?? rows.logits)?.rows ?? 0;
  if (count < FEWEST_ROWS) throw tooFew(count);
  const id = drawn(rows, count, { most: mostRows, seed });
  const scores = await detector.score(id, { signal });
  const limit = threshold ?? quantile(scores, 1 - alpha);
  const products = openProducts({ runtime, threads });
  const look = async (kind: PseudoOod): Promise<Sight> => {
    const features = id.features && pseudoOod(kind, id.features, seed);
    const logits =
      !reads.includes('logits') || id.logits === undefined
        ? undefined
        : head && features
          ? await applyHead(head, features, products)
          : pseudoOod(kind, id.logits, `${seed} logits`);
    const made = await detector.score({ features, logits }, { signal });
    const alarms = made.reduce((sum, score) => sum + (score > limit ? 1 : 0), 0) / made.length;
    return { alarms, auroc: auroc(scores, made) };
  };
  try {
    const [swapped, shuffled, stretched] = [
      await look('swapped'),
      await look('shuffled'),
      await look('stretched'),
    ];
    // Three looks, each at about one chance in a thousand.
    const chance = alpha + 3 * Math.sqrt((alpha * (1 - alpha)) / scores.length);
    const canSee = [swapped, shuffled, stretched].some(({ alarms }) => alarms > chance);
    return { canSee, swapped, shuffled, stretched, threshold: limit, alpha, rows: scores.length };
  } finally {
    await products.close();
  }
}

function drawn(
  { features, logits }: Rows,
  count: number,
  { most, seed }: { readonly most: number; readonly seed: Seed },
): Rows {
  if (count <= most) return { features, logits };
  const chosen = permutation(count, createRandom(seed, 'rows')).subarray(0, most);
  const pick = (matrix: Matrix | undefined) => matrix && pickRows(matrix, chosen);
  return { features: pick(features), logits: pick(logits) };
}

function quantile(scores: Float64Array, share: number): number {
  const sorted = scores.slice().sort();
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)]!;
}

function tooFew(rows: number): DetectorsError {
  return new DetectorsError('TOO_FEW', {
    where: 'powerCheck',
    expected: `at least ${FEWEST_ROWS} ID rows`,
    got: String(rows),
    advice: 'pass rows that the detector was not fitted on, such as those of its calibration',
    details: { rows },
  });
}
