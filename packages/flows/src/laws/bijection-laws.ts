import { createRandom } from '@ood/core';
import type { Law } from '@ood/core/laws';
import type { Runtime } from '@ood/onnx';
import type { Json, Matrix } from '../contract/arrays.ts';
import type { Bijection } from '../contract/bijection.ts';
import { normalArray } from '../random.ts';
import { fileLaws } from './file-laws.ts';
import { flowLaws } from './flow-laws.ts';
import { mapLaws } from './map-laws.ts';

export interface BijectionFixtures {
  /** Builds it again from its `options`, as loading a file does; `@ood/flows` knows how for its own. */
  readonly build?: (options: Readonly<Record<string, Json>>) => Bijection;
  /** Rows to map, at least 2. Default: 9 draws from N(0, I). */
  readonly rows?: Matrix;
  /** Parameters that count for nothing at this dimension, and so have no gradient. Default: none. */
  readonly idle?: readonly string[];
  /** Whether to record, save and export it too, which takes most of the time. Default: true. */
  readonly graphs?: boolean;
  /** Runs recorded graphs. Default: onnxruntime-node. */
  readonly runtime?: Runtime;
}

/** What the laws share. */
export interface Subject extends BijectionFixtures {
  readonly bijection: Bijection;
  readonly rows: Matrix;
}

/**
 * The laws of bijections for one of them, with weights drawn at random, for any test runner: `for (const { name, check } of
 * bijectionLaws(mine(6))) it(name, check)`. Run them for more than one dimension.
 *
 * They compute on the active TensorFlow.js backend, and in float32: what they allow is the rounding of sums of some hundred terms.
 */
export function bijectionLaws(bijection: Bijection, fixtures: BijectionFixtures = {}): readonly Law[] {
  const rows = fixtures.rows ?? usualRows(bijection.dim);
  const subject: Subject = { ...fixtures, bijection, rows };
  const { graphs = true } = fixtures;
  const laws = { ...mapLaws(subject), ...(graphs && { ...flowLaws(subject), ...fileLaws(subject) }) };
  return Object.entries(laws).map(([name, check]) => ({ name, check: async () => check() }));
}

function usualRows(cols: number): Matrix {
  return { rows: 9, cols, data: normalArray(9 * cols, createRandom(3, 7)) };
}
