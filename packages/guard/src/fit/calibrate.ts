import { throwIfAborted } from '@ood/core';
import { calibrationWarnings, percent } from '../calibration/calibration-warnings.ts';
import { type Calibration, calibrateDecision } from '../calibration/decision.ts';
import { measurePower, type Power } from '../calibration/power.ts';
import type { Warning } from '../calibration/warnings.ts';
import { GuardError } from '../errors.ts';
import { compareComputations, type Parity } from '../export/parity.ts';
import type { Fitted } from './fit.ts';
import { blocksOf, type FeatureRows, joinBlocks, keepRows } from './rows.ts';

/** Rows on which float32 graph and float64 detector are compared, and from which the power is measured. */
const SAMPLE = 256;

/** A detector with its decision. */
export interface Calibrated extends Fitted {
  readonly decision: Calibration;
  /** Calibration scores as the deployed graph computes them, ascending. */
  readonly scores: Float32Array;
  readonly parity: Parity;
  readonly power: Power;
  readonly warnings: readonly Warning[];
}

/**
 * The decision from the calibration rows, whichever way they came; the one place where it is made.
 *
 * @throws GuardError `CONSTANT_SCORES`, `POWERLESS`
 */
export async function calibrate(fitted: Fitted): Promise<Calibrated> {
  const { options, detector, rowScorer, head, backbone, calibration } = fitted;
  const { alpha, seed, signal } = options;
  const { scores: drawn, sample } = await scoreRows(fitted);
  const decision = calibrateDecision(drawn, { alpha, source: calibration.source, rows: calibration.counts });
  const { threshold } = decision;
  const scores = drawn.slice().sort();
  const count = sample.features.rows;
  const parity = compareComputations(
    { scores: drawn.subarray(0, count) },
    { scores: await detector.score(sample) },
    { scores, threshold },
  );
  throwIfAborted('fitGuard', signal);
  const power = await measurePower(sample, {
    threshold,
    seed,
    complete: rows => head.complete(rows),
    score: rows => rowScorer.score(rows),
    hasHead: backbone.head !== undefined,
  });
  // Logits say little of shuffled features: the energy of a MobileNet rejects 4 % of them, and a quarter of textures.
  const readsLogits = detector.describe().reads.includes('logits');
  const limit = readsLogits
    ? { shuffled: alpha / 10, reversed: alpha / 10 }
    : { shuffled: 2 * alpha, reversed: alpha };
  if (power.shuffled <= limit.shuffled && power.reversed <= limit.reversed) throw powerless(threshold, power);
  const warnings = [...calibration.warnings, ...calibrationWarnings(decision, power, sample.features.cols)];
  return { ...fitted, decision, scores, parity, power, warnings };
}

async function scoreRows({ calibration, rowScorer, options }: Fitted) {
  const { use } = calibration;
  const total = use.reduce((sum, one) => sum + one, 0);
  const scores = new Float32Array(total);
  const kept: FeatureRows[] = [];
  let [first, done] = [0, 0];
  for await (const block of blocksOf(calibration.rows)) {
    throwIfAborted('fitGuard', options.signal);
    const wanted = Array.from({ length: block.features.rows }, (_, row) => row).filter(
      row => use[first + row],
    );
    first += block.features.rows;
    if (wanted.length === 0) continue;
    const rows = keepRows(block, wanted);
    scores.set(await rowScorer.score(rows), done);
    if (done < SAMPLE) kept.push(keepRows(block, wanted.slice(0, SAMPLE - done)));
    done += wanted.length;
    options.report({ stage: 'calibrating', done, total });
  }
  return { scores, sample: joinBlocks(kept) };
}

function powerless(threshold: number, { shuffled, reversed }: Power): GuardError {
  return new GuardError('POWERLESS', {
    where: 'fitGuard: calibration',
    expected: 'a detector that tells some inputs from ID ones',
    got: `the threshold ${threshold}, which ${percent(shuffled)} of ID rows with shuffled features exceed, and ${percent(reversed)} a hundred times as far from the mean`,
    advice: 'fit on more rows than there are features, or take a detector that needs fewer, e.g. knn',
    details: { threshold, shuffled, reversed },
  });
}
