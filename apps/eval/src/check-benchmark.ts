import { nonFiniteRows } from '@ood/core';
import type { Benchmark, Contestant, FeatureSet, Matrix } from './benchmark.ts';
import { BenchmarkError } from './errors.ts';

/**
 * Refuses what cannot be judged before anything is fitted, which may take hours.
 *
 * @throws BenchmarkError `NO_DETECTORS`, `DUPLICATE_NAME`, `NOT_A_BENCHMARK` (no OOD set, or a set without rows), `WRONG_SHAPE`,
 *   `NON_FINITE` with how many rows and the first of them
 */
export function checkBenchmark(
  { idTrain, idTest, ood }: Benchmark,
  contestants: readonly Contestant[],
): void {
  if (contestants.length === 0)
    throw new BenchmarkError('NO_DETECTORS', {
      where: 'benchmark',
      expected: 'at least one detector',
      got: 'none',
      advice: 'name one',
    });
  requireDistinct('detectors', contestants);
  requireDistinct('OOD sets', ood);
  if (ood.length === 0)
    throw new BenchmarkError('NOT_A_BENCHMARK', {
      where: 'benchmark',
      expected: 'at least one OOD set',
      got: 'none',
      advice: 'add one',
    });
  for (const set of [idTrain, idTest, ...ood]) {
    for (const part of ['features', 'logits'] as const) {
      const matrix = set[part];
      if (matrix === undefined) continue;
      const where = `set ${set.name}, ${part}`;
      requireShape(where, set, matrix, idTrain[part]?.cols ?? matrix.cols);
      requireFinite(where, set, matrix);
    }
    if (set.labels !== undefined && set.labels.length !== set.features.rows)
      throw wrongShape(`set ${set.name}, labels`, `${set.features.rows}, one a row`, `${set.labels.length}`);
  }
}

function requireDistinct(what: string, named: readonly { readonly name: string }[]): void {
  const names = named.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice === undefined) return;
  throw new BenchmarkError('DUPLICATE_NAME', {
    where: 'benchmark',
    expected: `${what} of different names`,
    got: `${JSON.stringify(twice)} twice`,
    advice: 'rename one, e.g. after its settings',
    details: { name: twice },
  });
}

function requireShape(where: string, set: FeatureSet, { rows, cols, data }: Matrix, columns: number): void {
  if (set.features.rows === 0)
    throw new BenchmarkError('NOT_A_BENCHMARK', {
      where: `set ${set.name}`,
      expected: 'at least one row',
      got: 'none',
      advice: 'leave the set out, or check that its samples were read',
      details: { set: set.name },
    });
  if (rows !== set.features.rows) throw wrongShape(where, `${set.features.rows} rows`, `${rows}`);
  if (cols !== columns) throw wrongShape(where, `${columns} columns as in ID training`, `${cols}`);
  if (data.length !== rows * cols) throw wrongShape(where, `${rows} × ${cols} numbers`, `${data.length}`);
}

function wrongShape(where: string, expected: string, got: string): BenchmarkError {
  const advice = 'write all sets by the same model, features and logits from the same samples';
  return new BenchmarkError('WRONG_SHAPE', { where, expected, got, advice });
}

function requireFinite(where: string, { name }: FeatureSet, matrix: Matrix): void {
  const { count, first: firstRow } = nonFiniteRows(matrix);
  if (count === 0) return;
  throw new BenchmarkError('NON_FINITE', {
    where,
    expected: 'finite numbers',
    got: `NaN or infinity in ${count} of ${matrix.rows} rows, the first in row ${firstRow}`,
    advice:
      'find out what the model makes of these samples (half-precision overflows above 65504), or leave them out and say so',
    details: { set: name, count, firstRow },
  });
}
