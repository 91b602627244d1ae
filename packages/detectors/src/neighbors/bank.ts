import { createRandom, permutation, requireOption, wholeUpTo } from '@ood/core';
import type { Found } from '../contract/method.ts';
import { requireDirections } from '../contract/require-directions.ts';
import type { Training } from '../contract/training.ts';
import { DetectorsError } from '../errors.ts';
import { inverseNorm } from '../linear-algebra/inverse-norm.ts';

/** Bytes that a bank may take. */
const MOST_BYTES = 2 ** 31;

/** ID rows to compare with: row j counts as `scales[j] · rows[j]`. */
export interface Bank {
  readonly count: number;
  readonly dim: number;
  /** `[count, dim]`, as they came: float32 rows are not widened. */
  readonly rows: Float32Array | Float64Array;
  /** `[count]` */
  readonly scales: Float64Array;
}

export interface BankOptions {
  /** Share of the rows to keep, drawn with the seed. */
  readonly share: number;
  readonly seed: number;
  /** Neighbors looked for: the bank must have as many rows. */
  readonly k: number;
  /** Multiplies the inverse norm of each row. Default: 1. */
  readonly weight?: (logits: Float32Array | Float64Array) => number;
}

/** Collects a share of the ID rows: one pass to count and check, one to keep. */
export async function collectBank(
  training: Training,
  { share, seed, k, weight = () => 1 }: BankOptions,
): Promise<Bank> {
  let [total, dim, wide] = [0, 0, false];
  for await (const { features, count } of training.blocks()) {
    total += count;
    dim = features.cols;
    wide ||= features.data instanceof Float64Array;
  }
  requireDirections(training.where, dim);
  const count = Math.max(1, Math.round(total * share));
  requireOption(training.where, 'k', k, wholeUpTo(count));
  if (count * dim * 4 > MOST_BYTES) throw tooLarge(training.where, count, dim);
  const kept = share === 1 ? undefined : new Set(permutation(total, createRandom(seed)).subarray(0, count));
  const rows = wide ? new Float64Array(count * dim) : new Float32Array(count * dim);
  const scales = new Float64Array(count);
  let [at, index] = [0, 0];
  for await (const block of training.blocks()) {
    for (let row = 0; row < block.count; row++, index++) {
      if (kept !== undefined && !kept.has(index)) continue;
      const own = block.features.data.subarray(row * dim, (row + 1) * dim);
      const { cols, data } = block.logits;
      rows.set(own, at * dim);
      scales[at++] = weight(data.subarray(row * cols, (row + 1) * cols)) * inverseNorm(own);
    }
  }
  return { count, dim, rows, scales };
}

/** A bank as what a method's fit finds. */
export function foundBank({ count, dim, rows, scales }: Bank): Found {
  return {
    numbers: { bankRows: count },
    arrays: { bank: { shape: [count, dim], data: rows }, scales: { shape: [count], data: scales } },
  };
}

function tooLarge(where: string, count: number, dim: number): DetectorsError {
  return new DetectorsError('TOO_LARGE', {
    where,
    expected: `a bank of at most ${MOST_BYTES / 2 ** 20} MB`,
    got: `${count} rows of ${dim} features`,
    advice: 'set bankShare to keep a share of the rows, e.g. 0.01',
    details: { count, dim },
  });
}
