import type { FeatureSet } from './benchmark.ts';
import { BenchmarkError } from './errors.ts';

/**
 * The scores of a detector on a set as float64.
 *
 * @throws BenchmarkError `WRONG_SCORES` unless there is one finite number a row, naming the detector, the set and the first wrong row
 */
export function checkScores(detector: string, { name, features }: FeatureSet, scores: unknown): Float64Array {
  const { rows } = features;
  const wrong = (got: string, details: Readonly<Record<string, unknown>> = {}): BenchmarkError =>
    new BenchmarkError('WRONG_SCORES', {
      where: `detector ${detector} on set ${name}`,
      expected: `${rows} finite scores, one a row`,
      got,
      advice: 'find out why, dropping or replacing scores changes the result',
      details: { detector, set: name, ...details },
    });
  if (!Array.isArray(scores) && !(scores instanceof Float64Array || scores instanceof Float32Array))
    throw wrong(scores === null ? 'null' : typeof scores);
  const values = scores instanceof Float64Array ? scores : Float64Array.from(scores as ArrayLike<number>);
  if (values.length !== rows) throw wrong(`${values.length}`, { count: values.length });
  const firstRow = values.findIndex(value => !Number.isFinite(value));
  if (firstRow < 0) return values;
  const count = values.reduce((sum, value) => sum + (Number.isFinite(value) ? 0 : 1), 0);
  throw wrong(`${count} that are NaN or infinite, the first (${values[firstRow]}) in row ${firstRow}`, {
    count,
    firstRow,
  });
}
