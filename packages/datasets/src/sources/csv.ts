import { type ByteSource, type BytesInput, openBytes } from '../bytes/byte-source.ts';
import { chunksOf, maybeGunzip } from '../bytes/gunzip.ts';
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

/** Longest line that is read. */
const MAX_LINE = 16 * 2 ** 20;

/**
 * Vectors from a CSV file, one a line; all columns but those of label, id and group. Quoted cells are understood (no
 * line breaks inside them). Everything is read into memory.
 *
 * @throws DatasetError naming line and column where a cell is no finite number or the number of cells changes.
 */
export async function csvVectors(input: BytesInput, options: CsvOptions = {}): Promise<CsvSamples> {
  const { delimiter = ',', name = 'csv' } = options;
  const source = await maybeGunzip(await openBytes(input));
  let columns: Columns | undefined;
  const rows: Float32Array[] = [];
  const ids: string[] = [];
  const labels: string[] = [];
  const groups: string[] = [];
  for await (const { text, line } of linesOf(source)) {
    if (text === '') continue;
    const cells = splitLine(text, delimiter);
    if (columns === undefined) {
      const hasNames = options.header ?? looksLikeNames(source, line, cells, options);
      columns = resolveColumns(source, cells, hasNames, options);
      if (hasNames) continue;
    }
    if (cells.length !== columns.count) {
      throw csvError(source, line, `${columns.count} cells as in the first line`, `${cells.length}`);
    }
    rows.push(readVector(source, line, cells, columns));
    ids.push(columns.id === undefined ? rowId(name, rows.length - 1) : cells[columns.id]!);
    if (columns.label !== undefined) labels.push(cells[columns.label]!);
    if (columns.group !== undefined) groups.push(cells[columns.group]!);
  }
  if (columns === undefined) throw csvError(source, 1, 'at least one line', 'an empty file');
  const { codes, classes } = encodeLabels(labels);
  const key = (index: number): SampleKey => ({
    id: ids[index]!,
    ...(columns.label === undefined ? {} : { label: codes[index]! }),
    ...(columns.group === undefined ? {} : { group: groups[index]! }),
  });
  return {
    ...indexedSamples({
      length: rows.length,
      key,
      read: async index => ({ ...key(index), vector: rows[index]!.slice() }),
    }),
    columns: columns.names,
    ...(classes === undefined ? {} : { classes }),
  };
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
      hasNames ? first.join(', ') : `${first.length} columns`,
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
        `a finite number in column ${columns.names[i]}`,
        JSON.stringify(cell.slice(0, 40)),
      );
    }
    vector[i] = value;
  }
  return vector;
}

/** Whole numbers stay (also written 3.0); otherwise names are numbered in sorted order. */
function encodeLabels(labels: readonly string[]): { codes: Int32Array; classes: string[] | undefined } {
  if (labels.every(label => /^-?\d{1,9}(\.0*)?$/.test(label)))
    return { codes: Int32Array.from(labels, Number), classes: undefined };
  const classes = [...new Set(labels)].sort();
  const code = new Map(classes.map((name, i) => [name, i]));
  return { codes: Int32Array.from(labels, label => code.get(label)!), classes };
}

function isNumber(cell: string): boolean {
  return cell.trim() !== '' && !Number.isNaN(Number(cell));
}

/** Splits a line at the delimiter; a cell may be quoted, with `""` for a quote inside. */
function splitLine(line: string, delimiter: string): string[] {
  if (!line.includes('"')) return line.split(delimiter).map(cell => cell.trim());
  const cells: string[] = [];
  let cell = '';
  let quoted = false;
  for (let i = 0; i < line.length; i++) {
    const char = line[i]!;
    if (quoted) {
      if (char !== '"') cell += char;
      else if (line[i + 1] === '"') cell += line[++i];
      else quoted = false;
    } else if (char === '"') quoted = true;
    else if (char === delimiter) {
      cells.push(cell.trim());
      cell = '';
    } else cell += char;
  }
  cells.push(cell.trim());
  return cells;
}

/** The lines of a text in UTF-8, without line ends and byte-order mark. */
export async function* linesOf(source: ByteSource): AsyncGenerator<{ text: string; line: number }> {
  const decoder = new TextDecoder();
  let rest = '';
  let line = 0;
  for await (const chunk of chunksOf(source)) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = parts.pop()!;
    for (const part of parts) yield { text: part.replace(/\r$/, ''), line: ++line };
    if (rest.length > MAX_LINE)
      throw csvError(source, line + 1, `a line below ${MAX_LINE} characters`, 'a longer one');
  }
  rest += decoder.decode();
  if (rest !== '') yield { text: rest.replace(/\r$/, ''), line: ++line };
}

function csvError(source: ByteSource, line: number, expected: string, got: string) {
  return unreadable('CORRUPT_FILE', source, { expected: `${expected} in line ${line}`, got });
}
