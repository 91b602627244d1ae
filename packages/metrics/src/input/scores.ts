import { MetricsError } from '../errors.ts';

/** Scores of one set of samples, higher = more out-of-distribution; any magnitude, all finite. */
export type Scores = Float64Array | Float32Array | readonly number[];

/** Throws unless `values` is a list: an array or a typed array. */
export function requireList(where: string, name: string, values: ArrayLike<unknown>): void {
  if (Array.isArray(values) || (ArrayBuffer.isView(values) && !(values instanceof DataView))) return;
  const got = values === null ? 'null' : typeof values;
  throw new MetricsError('INVALID_VALUE', {
    where,
    expected: `${name} to be an array or a typed array`,
    got: got === 'object' ? `an object with ${Object.keys(values).slice(0, 5).join(', ') || 'nothing'}` : got,
    advice:
      'pass one number per sample, e.g. a Float64Array; from JSON, restore typed arrays with Float64Array.from',
    details: { name, type: got },
  });
}

/** Throws unless `values` has at least one entry and every entry is a finite number. */
export function requireScores(where: string, name: string, values: Scores): void {
  requireList(where, name, values);
  if (values.length === 0) {
    throw new MetricsError('EMPTY_INPUT', {
      where,
      expected: `at least one value in ${name}`,
      got: 'none',
      advice: 'check that the samples were read and scored; nothing can be measured on an empty list',
      details: { name },
    });
  }
  requireFinite(where, name, values);
}

/** Throws when a value is NaN, infinite or no number at all, naming how many and the first one's index. */
export function requireFinite(where: string, name: string, values: Scores): void {
  requireList(where, name, values);
  let count = 0;
  let firstIndex = -1;
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) {
      if (count++ === 0) firstIndex = i;
    }
  }
  if (count === 0) return;
  throw new MetricsError('NON_FINITE', {
    where,
    expected: `finite numbers in ${name}`,
    got: `${count} non-finite of ${values.length}, the first (${show(values[firstIndex])}) at index ${firstIndex}`,
    advice: 'find out why the detector fails on these samples; dropping or replacing them changes the result',
    details: { name, count, firstIndex, length: values.length },
  });
}

/** A number as it is, anything else with its type: the text '1' is not the number 1. */
function show(value: unknown): string {
  return typeof value === 'number' || value === undefined
    ? String(value)
    : `${typeof value} ${String(value)}`;
}

/** Throws unless the two named lists are equally long. */
export function requireSameLength(
  where: string,
  first: readonly [name: string, length: number],
  second: readonly [name: string, length: number],
): void {
  if (first[1] === second[1]) return;
  throw new MetricsError('WRONG_SHAPE', {
    where,
    expected: `${first[0]} and ${second[0]} of equal length`,
    got: `${first[1]} and ${second[1]}`,
    advice: 'pass one entry per sample, the same samples in the same order',
    details: { [first[0]]: first[1], [second[0]]: second[1] },
  });
}
