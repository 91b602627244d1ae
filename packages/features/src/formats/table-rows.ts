import type { Matrix } from '@ood/core';
import { FeaturesError } from '../errors.ts';
import type { FeatureBatch } from '../extraction/feature-batch.ts';
import type { TableColumns } from './columns.ts';
import { toLabel } from './rows-of.ts';

/** Values of a table by column. */
export type TableBlock = Readonly<Record<string, ArrayLike<unknown>>>;

/**
 * Rows of a table as a batch.
 *
 * @param start position of the first row in the table, for messages and ids
 * @throws FeaturesError WRONG_SHAPE, INVALID_VALUE naming column and row
 */
export function batchOfTable(
  path: string,
  block: TableBlock,
  { columns, start }: { readonly columns: TableColumns; readonly start: number },
): FeatureBatch {
  const { features, logits, labels, ids } = columns;
  const rows = block[features[0]!]!.length;
  const positions = Array.from({ length: rows }, (_, row) => start + row);
  const of = (names: readonly string[]) => matrixOf(path, block, { names, rows, start });
  return {
    features: of(features),
    ...(logits && { logits: of(logits) }),
    labels: Int32Array.from(positions, (position, row) =>
      labels === undefined
        ? -1
        : toLabel(numberOrNull(block[labels]![row]), `${path}, column '${labels}'`, position),
    ),
    ids: positions.map((position, row) =>
      String(ids === undefined ? position : (block[ids]![row] ?? position)),
    ),
    indices: Float64Array.from(positions),
  };
}

interface MatrixParts {
  readonly names: readonly string[];
  readonly rows: number;
  readonly start: number;
}

/** Columns of numbers side by side, or one column of lists of equal lengths. */
function matrixOf(
  path: string,
  block: TableBlock,
  { names, rows, start }: MatrixParts,
): Matrix<Float32Array> {
  const [only] = names;
  const first = block[only!]![0];
  if (names.length > 1 || !isList(first)) {
    const cols = names.length;
    const data = new Float32Array(rows * cols);
    names.forEach((name, col) => {
      const values = block[name]!;
      for (let row = 0; row < rows; row++)
        data[row * cols + col] = toNumber(values[row], () => `${path}, column '${name}', row ${start + row}`);
    });
    return { rows, cols, data };
  }
  const where = `${path}, column '${only}'`;
  const lists = block[only!]!;
  const cols = first.length;
  const data = new Float32Array(rows * cols);
  for (let row = 0; row < rows; row++) {
    const list = lists[row];
    if (!isList(list) || list.length !== cols)
      throw new FeaturesError('WRONG_SHAPE', {
        where,
        expected: `a list of ${cols} numbers in each row`,
        got: `${isList(list) ? list.length : String(list)} in row ${start + row}`,
        advice: 'write the features as lists of one length',
        details: { path, row: start + row },
      });
    for (let i = 0; i < cols; i++)
      data[row * cols + i] = toNumber(list[i], () => `${where}, row ${start + row}, number ${i}`);
  }
  return { rows, cols, data };
}

/** A list of numbers, and no text. */
function isList(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}

/** A number of any type; a missing one is NaN, which whoever reads on refuses and counts. */
function toNumber(value: unknown, where: () => string): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (value === null || value === undefined) return Number.NaN;
  throw new FeaturesError('INVALID_VALUE', {
    where: where(),
    expected: 'a number',
    got: JSON.stringify(String(value).slice(0, 60)),
    advice: 'name the columns of numbers, or correct the table',
  });
}

function numberOrNull(value: unknown): unknown {
  return typeof value === 'bigint' ? Number(value) : (value ?? null);
}
