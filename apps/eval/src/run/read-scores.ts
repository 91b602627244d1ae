import { createHash } from 'node:crypto';
import { readPlainFile } from '@ood/core/node';
import { openNpz } from '@ood/datasets';
import { CsvError, parse } from 'csv-parse/sync';
import type { Benchmark, DetectorScores } from '../benchmark.ts';
import { checkScores } from '../check-scores.ts';
import { BenchmarkError } from '../errors.ts';

/** Scores of another library beside ours. */
export interface GivenScores {
  /** What tables call them. */
  readonly label: string;
  readonly path: string;
  /** The backbone that they belong to. Default: the only one. */
  readonly backbone?: string | undefined;
}

/** Bytes of a file of scores that are read at most. */
const MOST_BYTES = 2 ** 30;
const ZIP = [0x50, 0x4b];

/**
 * Scores of every row of every judged set, from a `.npz` with an array `[n]` for each set, or a CSV with the columns `set` and `score`, a row each
 * in the order of the features. Sets are named `id-test` and `ood-NAME`, or `NAME`; higher is more out-of-distribution.
 *
 * @throws BenchmarkError `WRONG_SCORES` for a set without scores, with others than one finite number a row, or that is not judged;
 *   CoreError, DatasetError where the file cannot be read
 */
export async function readScores(
  { label, path }: GivenScores,
  benchmark: Benchmark,
): Promise<{ readonly scores: DetectorScores; readonly digest: string }> {
  const bytes = await readPlainFile(path, { what: 'scores, .npz or CSV', maxBytes: MOST_BYTES });
  const isZip = ZIP.every((byte, i) => bytes[i] === byte);
  const given = isZip ? await fromNpz(bytes) : fromCsv(bytes, path);
  const { idTest, ood } = benchmark;
  const named = (name: string) => given.get(name) ?? given.get(name.replace(/^ood-/, ''));
  const wanted = [['id-test', idTest] as const, ...ood.map(set => [`ood-${set.name}`, set] as const)];
  const wrong = (expected: string, got: string) =>
    new BenchmarkError('WRONG_SCORES', {
      where: path,
      expected,
      got,
      advice: 'name sets as their files: id-test, ood-<name>',
      details: { detector: label },
    });
  const known = new Set(wanted.flatMap(([name]) => [name, name.replace(/^ood-/, '')]));
  const strange = [...given.keys()].find(name => !known.has(name) && name !== 'id-train');
  if (strange !== undefined)
    throw wrong(`scores of ${wanted.map(([name]) => name).join(', ')}`, `also of ${strange}`);
  const scoresOf = ([name, set]: (typeof wanted)[number]) => {
    const values = named(name);
    if (values === undefined)
      throw wrong(`scores of ${name}`, `only of ${[...given.keys()].join(', ') || 'nothing'}`);
    return checkScores(label, set, values);
  };
  const [id, ...others] = wanted;
  return {
    scores: {
      idTest: scoresOf(id!),
      ood: Object.fromEntries(others.map(entry => [entry[1].name, scoresOf(entry)])),
    },
    digest: createHash('sha256').update(bytes).digest('hex'),
  };
}

async function fromNpz(bytes: Uint8Array): Promise<Map<string, Float64Array>> {
  const npz = await openNpz(bytes);
  const sets = new Map<string, Float64Array>();
  for (const name of npz.names) {
    const array = await npz.array(name);
    const values = new Float64Array(array.rows * array.rowLength);
    for (let row = 0; row < array.rows; row++) values.set(await array.rowNumbers(row), row * array.rowLength);
    sets.set(name, values);
  }
  return sets;
}

function fromCsv(bytes: Uint8Array, path: string): Map<string, Float64Array> {
  const wrong = (expected: string, got: string, cause?: unknown) =>
    new BenchmarkError('WRONG_SCORES', {
      where: path,
      expected,
      got,
      advice: 'write a header set,score and a line for each row',
      cause,
    });
  let records: Record<string, string>[];
  try {
    records = parse(bytes, {
      columns: true,
      bom: true,
      trim: true,
      skip_empty_lines: true,
    }) as typeof records;
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    throw wrong('a CSV with the columns set and score', cause.message, cause);
  }
  const [first] = records;
  if (first === undefined || !('set' in first) || !('score' in first))
    throw wrong('a CSV with the columns set and score', first ? Object.keys(first).join(', ') : 'no row');
  const sets = new Map<string, number[]>();
  records.forEach(({ set = '', score = '' }, i) => {
    const value = score === '' ? Number.NaN : Number(score);
    if (!Number.isFinite(value))
      throw wrong(`a finite number as score in row ${i + 1}`, JSON.stringify(score));
    const values = sets.get(set);
    if (values) values.push(value);
    else sets.set(set, [value]);
  });
  return new Map([...sets].map(([set, values]) => [set, Float64Array.from(values)]));
}
