import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { isOodError, systemError } from '@ood/core';
import { FeaturesError } from '../errors.ts';
import { inMemory } from './array-rows.ts';
import { type ColumnNames, chooseTableColumns } from './columns.ts';
import type { FeatureFile } from './contract.ts';
import { batchOfTable } from './table-rows.ts';

/** Characters of a row at most. */
const LONGEST_ROW = 2 ** 26;
/** Separators, the first of which is taken where none is more frequent. */
const SEPARATORS = [',', '\t', ';'] as const;
/** Numbers that are none, as numpy, pandas and R write them. */
const NOT_FINITE: Readonly<Record<string, number>> = {
  '': Number.NaN,
  nan: Number.NaN,
  na: Number.NaN,
  null: Number.NaN,
  inf: Number.POSITIVE_INFINITY,
  '+inf': Number.POSITIVE_INFINITY,
  '-inf': Number.NEGATIVE_INFINITY,
  infinity: Number.POSITIVE_INFINITY,
  '-infinity': Number.NEGATIVE_INFINITY,
};

/**
 * The features of a table of text, separated by commas, tabs or semicolons, with a header or without one: columns of numbers, and perhaps
 * others of labels and ids. Its numbers are in memory, its text is not.
 *
 * @param start how the file begins
 * @throws as `openFeatureFile`
 */
export async function openCsv(path: string, start: Uint8Array, columns?: ColumnNames): Promise<FeatureFile> {
  const [line = ''] = new TextDecoder()
    .decode(start)
    .replace(/^\ufeff/, '')
    .split(/\r?\n/);
  const delimiter = SEPARATORS.reduce((a, b) => (line.split(b).length > line.split(a).length ? b : a));
  let header: readonly string[] | undefined;
  const values: unknown[][] = [];
  await records(path, delimiter, (cells, row) => {
    if (header === undefined) {
      const numbers = cells.filter(cell => numberOf(cell) !== undefined).length;
      if (numbers > 0 && numbers < cells.length) throw mixed(path, cells);
      header = numbers === 0 ? cells : cells.map((_, i) => String(i));
      requireDistinct(path, header);
      for (const _ of header) values.push([]);
      if (numbers === 0) return;
    }
    if (cells.length !== header.length)
      throw wrongRow(path, row, `${header.length} cells, as in the first`, `${cells.length}`);
    cells.forEach((cell, i) => {
      values[i]!.push(numberOf(cell) ?? cell);
    });
  });
  if (header === undefined || values[0]!.length === 0)
    throw new FeaturesError('EMPTY_INPUT', {
      where: path,
      expected: 'rows of features',
      got: 'none',
      advice: 'check the file',
      details: { path },
    });
  const names = header;
  const fields = names.map((name, i) => ({
    name,
    // A column is of numbers if any cell is one: a stray text in it is then an error with its row, and no silent loss of the column.
    kind: values[i]!.some(value => typeof value === 'number' && !Number.isNaN(value))
      ? ('number' as const)
      : ('other' as const),
  }));
  const chosen = chooseTableColumns(path, fields, columns);
  const block = Object.fromEntries(names.map((name, i) => [name, values[i]!]));
  return {
    ...inMemory('csv', batchOfTable(path, block, { columns: chosen, start: 0 })),
    columns: chosen.features,
  };
}

async function records(
  path: string,
  delimiter: string,
  each: (cells: readonly string[], row: number) => void,
): Promise<void> {
  const { CsvError, parse } = await import('csv-parse');
  let row = 0;
  let failure: unknown;
  try {
    await pipeline(
      createReadStream(path),
      parse({
        bom: true,
        delimiter,
        trim: true,
        skip_empty_lines: true,
        relax_column_count: true,
        max_record_size: LONGEST_ROW,
      }),
      async (source: AsyncIterable<string[]>) => {
        try {
          for await (const cells of source) each(cells, row++);
        } catch (error) {
          // The pipeline reports its own end instead.
          failure = error;
          throw error;
        }
      },
    );
  } catch (error) {
    const cause = failure ?? error;
    if (isOodError(cause)) throw cause;
    if (cause instanceof CsvError) throw wrongRow(path, row, 'a row of cells', cause.message, cause);
    throw systemError(cause, { where: path, expected: 'a table of numbers' });
  }
}

/** The number that a cell writes; undefined for text. Hexadecimal and the like are text. */
function numberOf(cell: string): number | undefined {
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(cell)) return Number(cell);
  return NOT_FINITE[cell.toLowerCase()];
}

function mixed(path: string, cells: readonly string[]): FeaturesError {
  return new FeaturesError('INVALID_VALUE', {
    where: path,
    expected: 'a first row of names, or of numbers alone',
    got: cells
      .slice(0, 6)
      .map(cell => JSON.stringify(cell.slice(0, 30)))
      .join(', '),
    advice: 'add a header that names the columns',
    details: { path },
  });
}

function requireDistinct(path: string, names: readonly string[]): void {
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice === undefined) return;
  throw new FeaturesError('INVALID_VALUE', {
    where: path,
    expected: 'a header of different names',
    got: `${JSON.stringify(twice)} twice`,
    advice: 'rename one of them',
    details: { path, name: twice },
  });
}

function wrongRow(path: string, row: number, expected: string, got: string, cause?: unknown): FeaturesError {
  return new FeaturesError('WRONG_SHAPE', {
    where: `${path}, row ${row}`,
    expected,
    got,
    advice: 'correct the table',
    details: { path, row },
    cause,
  });
}
