import type { Matrix } from '@ood/core';
import { type DenseArray, elementCount, toFloat32 } from '@ood/core';
import { FeaturesError } from '../errors.ts';

/**
 * A float32 matrix `[rows, …]` with all further dimensions flattened; one dimension makes a column.
 *
 * @throws FeaturesError WRONG_SHAPE for a scalar
 */
export function toMatrix(array: DenseArray, where: string): Matrix<Float32Array> {
  const [rows, ...rest] = array.shape;
  if (rows === undefined) throw scalar(where);
  return { rows, cols: elementCount(rest), data: toFloat32(array) };
}

/** The error for an array that has no rows because it has no dimensions. */
export function scalar(where: string): FeaturesError {
  return new FeaturesError('WRONG_SHAPE', {
    where,
    expected: 'a matrix [rows, d]',
    got: 'a scalar',
    advice: 'save it with two dimensions',
  });
}

/**
 * Class indices `[rows]` or `[rows, 1]`, integers or whole-valued floats, as int32; −1 where there is none.
 *
 * @throws FeaturesError WRONG_SHAPE, e.g. for one-hot rows; INVALID_VALUE for other numbers
 */
export function toLabels(array: DenseArray, where: string): Int32Array {
  const [rows = 0, ...rest] = array.shape;
  if (array.shape.length === 0 || elementCount(rest) !== 1)
    throw new FeaturesError('WRONG_SHAPE', {
      where,
      expected: 'one class index per row',
      got: `shape [${array.shape.join(', ')}]`,
      advice: 'save a list of class indices (argmax of one-hot rows)',
      details: { shape: array.shape },
    });
  const values = array.type === undefined ? array.data : toFloat32(array);
  return Int32Array.from({ length: rows }, (_, row) => toLabel(values[row], where, row));
}

/** A class index; −1 for none. @throws FeaturesError INVALID_VALUE */
export function toLabel(given: unknown, where: string, row: number): number {
  const value = given === null ? -1 : Number(given);
  if (Number.isInteger(value) && value >= -1 && value <= 2 ** 31 - 1) return value;
  throw new FeaturesError('INVALID_VALUE', {
    where,
    expected: 'class indices from 0 (or −1 for none)',
    got: `${String(given)} in row ${row}`,
    advice: 'save the labels as integers',
    details: { value, row },
  });
}
