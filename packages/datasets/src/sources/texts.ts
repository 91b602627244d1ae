import { extname } from 'node:path';
import { parse } from 'csv-parse/sync';
import { type BytesInput, openBytes } from '../bytes/byte-source.ts';
import { linesOf } from '../bytes/lines.ts';
import { unreadable } from '../errors.ts';
import { encodeLabels } from './csv.ts';

/** A text, or a pair of texts. */
export interface TextSample {
  readonly id: string;
  readonly label?: number;
  readonly text: string;
  readonly pair?: string;
}

/** A line that holds no text, and why. */
export interface UnreadableText {
  readonly id: string;
  readonly unreadable: string;
}

export type TextFormat = 'lines' | 'jsonl' | 'csv';

export interface TextOptions {
  /** Default: by the name, `.jsonl`, `.ndjson`, `.csv`, `.tsv`, else a text in each line; without a name, JSON lines where the first begins with `{`. */
  readonly format?: TextFormat;
  /** Member or column of the text. Default: `text`. */
  readonly text?: string;
  /** Of the second text of a pair. Default: `pair`, where there is one. */
  readonly pair?: string;
  /** Of the label: whole numbers, or names of classes. Default: `label`, where there is one. */
  readonly label?: string;
  /** Of the id. Default: `id`, where there is one, else the number of the line. */
  readonly id?: string;
}

/** Texts in their order. Lines without one are among them, with the reason. */
export interface Texts extends AsyncIterable<TextSample | UnreadableText> {
  readonly length: number;
  /** Lines without a text. */
  readonly refused: readonly UnreadableText[];
  /** Names of the labels in the order of their numbers, where they were names. */
  readonly classes?: readonly string[];
}

/** What a line holds, before labels are numbered. */
interface Entry {
  readonly id: string;
  readonly text: string;
  readonly pair?: string;
  readonly label?: string;
}

/**
 * Texts of a file: JSON lines (`{ "text", "pair"?, "id"?, "label"? }`, or a string each), CSV with names in its first line, or a text in each
 * line. Empty lines are passed over; a line of which no text can be read is told by its number and ends nothing.
 *
 * @throws DatasetError CORRUPT_FILE for CSV without the column of texts; TOO_LARGE for endless lines; CoreError for what is not there
 */
export async function readTexts(input: BytesInput, options: TextOptions = {}): Promise<Texts> {
  const source = await openBytes(input);
  const lines: { text: string; line: number }[] = [];
  for await (const line of linesOf(source)) lines.push(line);
  const full = lines.filter(({ text }) => text.trim() !== '');
  const format = options.format ?? formatOf(source.name, full[0]?.text ?? '');
  const entries =
    format === 'lines'
      ? full.map(({ text, line }): Entry => ({ id: String(line), text }))
      : format === 'jsonl'
        ? full.map(line => readJson(line, options))
        : readCsv(source, lines, options);
  return numbered(entries);
}

function formatOf(name: string, first: string): TextFormat {
  const extension = extname(name).toLowerCase();
  if (['.jsonl', '.ndjson'].includes(extension)) return 'jsonl';
  if (['.csv', '.tsv'].includes(extension)) return 'csv';
  return extension === '' && first.trimStart().startsWith('{') ? 'jsonl' : 'lines';
}

function readJson(
  { text: json, line }: { readonly text: string; readonly line: number },
  { text = 'text', pair = 'pair', label = 'label', id = 'id' }: TextOptions,
): Entry | UnreadableText {
  const refuse = (got: string) => ({
    id: String(line),
    unreadable: `line ${line}: expected a JSON object with ${JSON.stringify(text)}, or a string, got ${got}`,
  });
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return refuse(`text that does not parse: ${JSON.stringify(json.slice(0, 40))}`);
  }
  if (typeof value === 'string') return { id: String(line), text: value };
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return refuse(JSON.stringify(value).slice(0, 40));
  const members = value as Readonly<Record<string, unknown>>;
  const own = (name: string) => (Object.hasOwn(members, name) ? (members[name] ?? undefined) : undefined);
  const [first, second, code, name] = [own(text), own(pair), own(label), own(id)];
  if (typeof first !== 'string') return refuse(first === undefined ? 'none' : `one of ${typeof first}`);
  if (second !== undefined && typeof second !== 'string') return refuse(`a ${pair} that is no text`);
  if (code !== undefined && typeof code !== 'string' && !Number.isSafeInteger(code))
    return refuse(`a ${label} that is neither a whole number nor a name`);
  return {
    id: typeof name === 'string' || typeof name === 'number' ? String(name) : String(line),
    text: first,
    ...(second !== undefined && { pair: second }),
    ...(code !== undefined && { label: String(code) }),
  };
}

function readCsv(
  source: { readonly name: string },
  lines: readonly { readonly text: string; readonly line: number }[],
  options: TextOptions,
): (Entry | UnreadableText)[] {
  const records = parseCsv(source, lines);
  const [header, ...rest] = records;
  const find = (name: string, isNeeded: boolean) => {
    const at = header?.cells.indexOf(name) ?? -1;
    if (at >= 0 || !isNeeded) return at;
    throw unreadable('CORRUPT_FILE', source, {
      expected: `a column ${JSON.stringify(name)} in the first line`,
      got: header?.cells.map(cell => JSON.stringify(cell.slice(0, 40))).join(', ') || 'an empty file',
      advice: 'name the column of the texts (--text-column)',
    });
  };
  const text = find(options.text ?? 'text', true);
  const [pair, label, id] = (['pair', 'label', 'id'] as const).map(role =>
    find(options[role] ?? role, options[role] !== undefined),
  ) as [number, number, number];
  return rest.map(({ cells, line }) => {
    const got = cells.length === header!.cells.length ? undefined : `${cells.length} cells`;
    if (got !== undefined)
      return {
        id: String(line),
        unreadable: `line ${line}: expected ${header!.cells.length} cells, as in the first line, got ${got}`,
      };
    return {
      id: (id >= 0 && cells[id]) || String(line),
      text: cells[text]!,
      ...(pair >= 0 && { pair: cells[pair]! }),
      ...(label >= 0 && cells[label] !== '' && { label: cells[label]! }),
    };
  });
}

/** Records of CSV, each with the line where it ends. */
function parseCsv(
  source: { readonly name: string },
  lines: readonly { readonly text: string; readonly line: number }[],
): { readonly cells: readonly string[]; readonly line: number }[] {
  const delimiter = extname(source.name).toLowerCase() === '.tsv' ? '\t' : ',';
  const options = { delimiter, relax_column_count: true, skip_empty_lines: true, info: true } as const;
  try {
    const records = parse(lines.map(({ text }) => text).join('\n'), options) as unknown as {
      readonly record: string[];
      readonly info: { readonly lines: number };
    }[];
    return records.map(({ record, info }) => ({
      cells: record,
      line: lines[info.lines - 1]?.line ?? info.lines,
    }));
  } catch (cause) {
    throw unreadable('CORRUPT_FILE', source, {
      expected: 'records of CSV',
      got: cause instanceof Error ? cause.message : String(cause),
      advice: 'check its quotes',
      cause,
    });
  }
}

function numbered(entries: readonly (Entry | UnreadableText)[]): Texts {
  const labels = [...new Set(entries.flatMap(entry => ('label' in entry ? [entry.label!] : [])))];
  const { codes, classes } = encodeLabels(labels);
  const codeOf = new Map(labels.map((label, i) => [label, codes[i]!]));
  const samples = entries.map((entry): TextSample | UnreadableText => {
    if ('unreadable' in entry) return entry;
    const { label, ...rest } = entry;
    return label === undefined ? rest : { ...rest, label: codeOf.get(label)! };
  });
  return {
    length: samples.length,
    refused: samples.filter((sample): sample is UnreadableText => 'unreadable' in sample),
    ...(classes && { classes }),
    async *[Symbol.asyncIterator]() {
      yield* samples;
    },
  };
}
