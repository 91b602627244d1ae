import { createRandom } from '@ood/core';
import type { Law } from '@ood/core/laws';
import type { Matrix } from '../contract/arrays.ts';
import type { Bijection } from '../contract/bijection.ts';
import { normalArray } from '../random.ts';
import { fileLaws } from './file-laws.ts';
import { flowLaws } from './flow-laws.ts';
import { mapLaws } from './map-laws.ts';
import type { BijectionFixtures, Subject } from './subject.ts';

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
