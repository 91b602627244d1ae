import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { requireOption, text } from '@ood/core';
import { CsvError, parse } from 'csv-parse';
import { type ByteSource, type BytesInput, openBytes } from '../bytes/byte-source.ts';
import { chunksOf, inflateChunks, isGzip } from '../bytes/gunzip.ts';
import { MAX_LINE } from '../bytes/lines.ts';
import type { SampleKey, VectorSample } from '../contract/sample.ts';
import { type IndexedSamples, indexedSamples } from '../contract/samples.ts';
import { unreadable } from '../errors.ts';
import { rowId } from './records.ts';

export interface CsvOptions {
  /** Column of labels: its name in the header, or its number from 0. Whole numbers, or class names. */
  readonly label?: string | number;
  /** Column of ids. Default: `name/row`. */
  readonly id?: string | number;
  /** Column of groups (family, author). */
  readonly group?: string | number;
  /** Whether the first line holds names. Default: it does where none of its cells is a number, or a column is asked for by name; where only some are numbers it must be said. */
  readonly header?: boolean;
  /** Default: `,` */
  readonly delimiter?: string;
  /** Beginning of the ids. Default: `'csv'`. */
  readonly name?: string;
}

/** Vectors of a CSV file and, where labels were names, those names in order of their codes. */
export interface CsvSamples extends IndexedSamples<VectorSample> {
  readonly classes?: readonly string[];
  /** Names of the columns that make the vector. */
  readonly columns: readonly string[];
}

/**
 * Vectors from a CSV file (RFC 4180, read by `csv-parse`: cells may be quoted, with line breaks inside), one a record; all columns
 * but those of label, id and group. The vectors are kept in memory, the text is not.
 *
 * @throws DatasetError naming line and column where a cell is no finite number or the number of cells changes.
 */
export async function csvVectors(input: BytesInput, options: CsvOptions = {}): Promise<CsvSamples> {
  const { delimiter = ',', name = 'csv' } = options;
  requireOption('csvVectors', 'delimiter', delimiter, text);
  const source = await openBytes(input);
  let columns = undefined as Columns | undefined;
  const rows: Float32Array[] = [];
  const ids: string[] = [];
  const labels: string[] = [];
  const groups: string[] = [];
  await readRecords(source, delimiter, (cells, line) => {
    if (columns === undefined) {
      const hasNames = options.header ?? looksLikeNames(source, line, cells, options);
      columns = resolveColumns(source, cells, hasNames, options);
      if (hasNames) return;
    }
    if (cells.length !== columns.count) {
      throw csvError(source, line, `${columns.count} cells as in the first line`, `${cells.length}`);
    }
    rows.push(readVector(source, line, cells, columns));
    ids.push(columns.id === undefined ? rowId(name, rows.length - 1) : cells[columns.id]!);
    if (columns.label !== undefined) labels.push(cells[columns.label]!);
    if (columns.group !== undefined) groups.push(cells[columns.group]!);
  });
  const found = columns;
  if (found === undefined) throw csvError(source, 1, 'at least one line', 'an empty file');
  const { codes, classes } = encodeLabels(labels);
  const key = (index: number): SampleKey => ({
    id: ids[index]!,
    ...(found.label === undefined ? {} : { label: codes[index]! }),
    ...(found.group === undefined ? {} : { group: groups[index]! }),
  });
  return {
    ...indexedSamples({
      length: rows.length,
      key,
      read: async index => ({ ...key(index), vector: rows[index]!.slice() }),
    }),
    columns: found.names,
    ...(classes === undefined ? {} : { classes }),
  };
}

/** Hands the records of a CSV file, plain or gzip, to `take` one after the other, each with the line where it begins. */
export async function readRecords(
  source: ByteSource,
  delimiter: string,
  take: (cells: string[], line: number) => void,
): Promise<void> {
  const chunks = (await isGzip(source)) ? inflateChunks(source, 'gzip') : chunksOf(source);
  let last = 0;
  const parser = parse({
    bom: true,
    delimiter,
    max_record_size: MAX_LINE,
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    skip_empty_lines: true,
    trim: true,
    // Taken here, not from the stream: an object a record through its queue costs several times the parsing.
    on_record(cells: string[], { lines }: { lines: number }) {
      // The parser counts up to a record's end; between two ends lie its own line breaks, and empty lines.
      take(cells, lines - last > 1 ? lines - lineBreaks(cells) : lines);
      last = lines;
      return null;
    },
  });
  parser.resume();
  try {
    await pipeline(Readable.from(chunks), parser);
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const tooLarge = error.code === 'CSV_MAX_RECORD_SIZE';
    throw unreadable(tooLarge ? 'TOO_LARGE' : 'CORRUPT_FILE', source, {
      expected: `a record of CSV in line ${(error as { lines?: number }).lines ?? last + 1}`,
      got: error.message,
      advice: 'check its quotes and the option delimiter',
      cause: error,
    });
  }
}

function lineBreaks(cells: readonly string[]): number {
  return cells.reduce((sum, cell) => sum + (cell.match(/\r\n|\n|\r/g)?.length ?? 0), 0);
}

/** A line of names taken for data, or the other way round, would change the data set without a word. */
function looksLikeNames(
  source: ByteSource,
  line: number,
  cells: readonly string[],
  { label, id, group }: CsvOptions,
): boolean {
  if ([label, id, group].some(column => typeof column === 'string')) return true;
  const numbers = cells.filter(isNumber).length;
  if (numbers === 0 || numbers === cells.length) return numbers === 0;
  throw unreadable('CORRUPT_FILE', source, {
    expected: `either names or numbers in line ${line}`,
    got: JSON.stringify(cells.join(',').slice(0, 80)),
    advice:
      'say header: true where it holds the names of the columns, header: false where it is the first sample',
  });
}

interface Columns {
  readonly count: number;
  readonly vector: readonly number[];
  readonly names: readonly string[];
  readonly label: number | undefined;
  readonly id: number | undefined;
  readonly group: number | undefined;
}

function resolveColumns(
  source: ByteSource,
  first: string[],
  hasNames: boolean,
  options: CsvOptions,
): Columns {
  const find = (column: string | number | undefined): number | undefined => {
    if (column === undefined) return undefined;
    const index = typeof column === 'number' ? column : hasNames ? first.indexOf(column) : -1;
    if (Number.isInteger(index) && index >= 0 && index < first.length) return index;
    throw csvError(
      source,
      1,
      `a column ${JSON.stringify(column)}`,
      hasNames ? first.map(shown).join(', ') : `${first.length} columns`,
    );
  };
  const [label, id, group] = [find(options.label), find(options.id), find(options.group)];
  const vector = first.map((_, i) => i).filter(i => i !== label && i !== id && i !== group);
  if (vector.length === 0) throw csvError(source, 1, 'a column of numbers', 'none left');
  return {
    count: first.length,
    vector,
    names: vector.map(i => (hasNames ? first[i]! : String(i))),
    label,
    id,
    group,
  };
}

function readVector(source: ByteSource, line: number, cells: string[], columns: Columns): Float32Array {
  const vector = new Float32Array(columns.vector.length);
  for (let i = 0; i < vector.length; i++) {
    const cell = cells[columns.vector[i]!]!;
    const value = Math.fround(Number(cell));
    if (!isNumber(cell) || !Number.isFinite(value)) {
      throw csvError(
        source,
        line,
        `a finite number in column ${shown(columns.names[i]!)}`,
        JSON.stringify(cell.slice(0, 40)),
      );
    }
    vector[i] = value;
  }
  return vector;
}

/** Whole numbers stay (also written 3.0); otherwise names are numbered in sorted order. */
export function encodeLabels(labels: readonly string[]): {
  codes: Int32Array;
  classes: string[] | undefined;
} {
  if (labels.every(label => /^-?\d{1,9}(\.0*)?$/.test(label)))
    return { codes: Int32Array.from(labels, Number), classes: undefined };
  const classes = [...new Set(labels)].sort();
  const code = new Map(classes.map((name, i) => [name, i]));
  return { codes: Int32Array.from(labels, label => code.get(label)!), classes };
}

/** A name on one line. */
function shown(name: string): string {
  return JSON.stringify(name).slice(1, -1);
}

function isNumber(cell: string): boolean {
  return cell.trim() !== '' && !Number.isNaN(Number(cell));
}

function csvError(source: ByteSource, line: number, expected: string, got: string) {
  return unreadable('CORRUPT_FILE', source, { expected: `${expected} in line ${line}`, got });
}
