import type { Detector } from '@ood/detectors';
import {
  extractBatches,
  type Failure,
  type FeatureModel,
  type Matrix,
  type Samples,
  sliceRows,
} from '@ood/features';
import { splitColumns } from '../engine/score-model.ts';
import { compareComputations, type Parity } from '../export/parity.ts';
import { extraction } from './extraction.ts';
import { type CreateGuardOptions, noneUsable } from './options.ts';
import type { RowScorer } from './row-scorer.ts';
import { type FeatureRows, joinBlocks } from './rows.ts';

/** Rows on which float32 graph and float64 detector are compared. */
const PARITY_ROWS = 256;

/** Calibration scores, as the exported graph computes them, and some of the rows behind them. */
export interface CalibrationScores {
  readonly scores: Float32Array;
  readonly sample: FeatureRows;
  readonly sampleScores: Float32Array;
  /** Samples that gave no score. */
  readonly refused: number;
}

/** Scores of images, by the whole graph. */
export async function scoreSamples(
  model: FeatureModel,
  samples: Samples,
  options: CreateGuardOptions,
): Promise<CalibrationScores> {
  const scores: Float32Array[] = [];
  const kept: FeatureRows[] = [];
  let keptRows = 0;
  const batches = extractBatches(model, samples, extraction('calibrating', options));
  const refusals: Failure[] = [];
  for await (const { features: columns, logits, failures } of batches) {
    refusals.push(...failures);
    if (columns.rows === 0) continue;
    const { scores: some, features } = splitColumns(columns);
    scores.push(some);
    if (keptRows >= PARITY_ROWS) continue;
    kept.push({ features, ...(logits && { logits }) });
    keptRows += features.rows;
  }
  if (kept.length === 0) throw noneUsable('calibration', refusals);
  const all = concatenate(scores);
  return { scores: all, refused: refusals.length, ...sampleOf(joinBlocks(kept), all) };
}

/** Scores of extracted rows, by the detector's graph. */
export async function scoreRows(
  scorer: RowScorer,
  blocks: AsyncIterable<FeatureRows> | Iterable<FeatureRows>,
): Promise<CalibrationScores> {
  const scores: Float32Array[] = [];
  const kept: FeatureRows[] = [];
  let keptRows = 0;
  for await (const block of blocks) {
    if (block.features.rows === 0) continue;
    scores.push(await scorer.score(block));
    if (keptRows < PARITY_ROWS) kept.push(block);
    keptRows += block.features.rows;
  }
  const all = concatenate(scores);
  return { scores: all, refused: 0, ...sampleOf(joinBlocks(kept), all) };
}

/** Float32 graph against float64 detector on the sample. */
export async function parityOf(
  detector: Detector,
  { sample, sampleScores }: CalibrationScores,
  calibration: { readonly scores: Float32Array; readonly threshold: number },
): Promise<Parity> {
  return compareComputations({ scores: sampleScores }, { scores: await detector.score(sample) }, calibration);
}

function sampleOf(
  rows: FeatureRows,
  scores: Float32Array,
): Pick<CalibrationScores, 'sample' | 'sampleScores'> {
  const count = Math.min(PARITY_ROWS, rows.features.rows);
  const cut = (matrix: Matrix) => sliceRows(matrix, 0, count);
  return {
    sample: { features: cut(rows.features), ...(rows.logits && { logits: cut(rows.logits) }) },
    sampleScores: scores.subarray(0, count),
  };
}

function concatenate(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
