import { createRandom, type LabeledRows } from '@ood/core';
import type { TrainingSource } from '../contract/rows.ts';
import type { Block, Training } from '../contract/training.ts';
import { isStream } from '../contract/training.ts';

/** What a row of the ID rows is used for: fitting the components, their p-value scales, or the calibration of the result. */
export type Role = 'fit' | 'reference' | 'calibration';

/** Rows held out of the fit, at most. */
const MOST_HELD = 10_000;

export interface RoleOptions {
  /** Shares of the rows held out. */
  readonly reference: number;
  readonly calibration: number;
  readonly seed: number;
}

/** The rows by role: those to fit as a source, the others in memory. */
export interface Roles {
  readonly fit: TrainingSource;
  readonly reference: LabeledRows;
  readonly calibration: LabeledRows;
}

/** Draws a role for each row, the same in every pass. */
export async function assignRoles(
  training: Training,
  source: TrainingSource,
  { reference, calibration, seed }: RoleOptions,
): Promise<Roles> {
  let rows = 0;
  for await (const { count } of training.blocks()) rows += count;
  const scale = Math.min(1, MOST_HELD / (Math.max(reference, calibration) * rows));
  const roles = () => {
    const random = createRandom(seed);
    return (): Role => {
      const draw = random.uniform();
      if (draw < scale * reference) return 'reference';
      return draw < scale * (reference + calibration) ? 'calibration' : 'fit';
    };
  };
  async function* part(role: Role): AsyncGenerator<LabeledRows> {
    const next = roles();
    for await (const block of training.blocks()) {
      const kept: number[] = [];
      for (let row = 0; row < block.count; row++) if (next() === role) kept.push(row);
      if (kept.length > 0) yield take(block, kept);
    }
  }
  return {
    fit: isStream(source) ? { open: () => part('fit') } : await joined(part('fit')),
    reference: await joined(part('reference')),
    calibration: await joined(part('calibration')),
  };
}

function take({ features, logits, labels }: Block, rows: readonly number[]): LabeledRows {
  const pick = ({ cols, data }: Block['features']) => {
    const taken =
      data instanceof Float32Array
        ? new Float32Array(rows.length * cols)
        : new Float64Array(rows.length * cols);
    rows.forEach((row, at) => {
      taken.set(data.subarray(row * cols, (row + 1) * cols), at * cols);
    });
    return { rows: rows.length, cols, data: taken };
  };
  return {
    features: pick(features),
    logits: pick(logits),
    labels: Int32Array.from(rows, row => labels[row]!),
  };
}

async function joined(parts: AsyncIterable<LabeledRows>): Promise<LabeledRows> {
  const all: LabeledRows[] = [];
  for await (const part of parts) all.push(part);
  const together = (name: 'features' | 'logits') => {
    const matrices = all.map(part => part[name]!);
    const cols = matrices[0]?.cols ?? 0;
    const rows = matrices.reduce((sum, matrix) => sum + matrix.rows, 0);
    const wide = matrices.some(({ data }) => data instanceof Float64Array);
    const data = wide ? new Float64Array(rows * cols) : new Float32Array(rows * cols);
    let at = 0;
    for (const matrix of matrices) {
      data.set(matrix.data, at);
      at += matrix.data.length;
    }
    return { rows, cols, data };
  };
  return {
    features: together('features'),
    logits: together('logits'),
    labels: Int32Array.from(all.flatMap(({ labels }) => [...labels!])),
  };
}
