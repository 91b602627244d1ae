import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DenseArray, decodeNpy, encodeNpy } from '@ood/core';
import { openNpz } from '@ood/datasets';
import { EXIT } from '@ood/terminal';
import { memoryIo } from '@ood/terminal/testing';
import { parse } from 'csv-parse/sync';
import { parquetReadObjects } from 'hyparquet';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { main } from '../src/main.ts';

let cwd = '';
const run = async (...args: string[]) => {
  const { io, written } = memoryIo({ cwd });
  return { code: await main(args, io), ...written };
};

/** Rows whose numbers hang together. */
const rows = (from: number, count: number) =>
  Array.from({ length: count }, (_, row) => {
    const common = Math.sin((from + row) ** 2);
    return [1, -1, 0.5].map((factor, i) => factor * common + 0.05 * Math.sin((from + row) * 3 + i) ** 3);
  });
const csv = (names: readonly string[], table: readonly (readonly (number | string)[])[]) =>
  `${names.join(',')}\n${table.map(row => `${row.join(',')}\n`).join('')}`;
const NAMES = ['height', 'weight', 'age'];
const judged = rows(9000, 12).map((row, i) => (i % 2 === 0 ? row : [row[0]!, -row[1]!, row[2]!]));

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'ood-tables-'));
  const write = (name: string, text: string | Uint8Array) => writeFile(join(cwd, name), text);
  await write('train.csv', csv(NAMES, rows(0, 300)));
  await write('unseen.csv', csv(NAMES, rows(5000, 100)));
  await write(
    'judged.csv',
    csv(
      [...NAMES, 'id'],
      judged.map((row, i) => [...row, `patient ${i}`]),
    ),
  );
  await write(
    'swapped.tsv',
    csv(
      ['age', 'note', 'weight', 'height'],
      judged.map(([h, w, a]) => [a!, 7, w!, h!]),
    ).replaceAll(',', '\t'),
  );
  await write('lacking.csv', csv(['height', 'weight', 'size'], judged));
  await write(
    'gap.csv',
    csv(NAMES, judged)
      .replace(/^[^,]*,/m, 'height,')
      .replace(/\n[^,]*/, '\n'),
  );
  const column = (i: number) => ({
    name: NAMES[i]!,
    data: judged.map(row => row[i]!),
    type: 'DOUBLE' as const,
  });
  await write('judged.parquet', new Uint8Array(parquetWriteBuffer({ columnData: [2, 0, 1].map(column) })));
  const made = await run(
    'fit',
    '--features',
    'train.csv',
    '--calibrate',
    'unseen.csv',
    '--detector',
    'knn',
    '--out',
    'g',
  );
  expect(made.stderr).not.toContain('error');
  expect(made.code).toBe(EXIT.ok);
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

const scoresOf = async (features: string, ...args: string[]) => {
  const said = await run('score', '--guard', 'g', '--features', features, '--out', 'scores.csv', ...args);
  expect(said.stderr).not.toContain('error');
  const lines = parse(await readFile(join(cwd, 'scores.csv'), 'utf8'), { columns: true }) as Record<
    string,
    string
  >[];
  return lines;
};

describe('a guard of tables', () => {
  it('reads columns by their names, in whatever order and file they are', async () => {
    const own = await scoresOf('judged.csv');
    expect(own.map(({ id }) => id)).toEqual(judged.map((_, i) => `patient ${i}`));
    const numbers = (lines: typeof own) => lines.map(({ score }) => score);
    expect(numbers(await scoresOf('swapped.tsv'))).toEqual(numbers(own));
    expect(numbers(await scoresOf('judged.parquet'))).toEqual(numbers(own));
    expect(Number(own[1]!.score)).toBeGreaterThan(Number(own[0]!.score));
    const checked = await run('check', '--guard', 'g', '--features', 'swapped.tsv', '--json');
    const { images } = JSON.parse(checked.stdout) as { images: { verdict: { score: number } }[] };
    expect(images.map(({ verdict }) => verdict.score)).toEqual(numbers(own).map(Number));
  });

  it('refuses a table without one of them, and names what there is', async () => {
    const { code, stderr } = await run(
      'score',
      '--guard',
      'g',
      '--features',
      'lacking.csv',
      '--out',
      'x.csv',
    );
    expect(code).toBe(EXIT.usage);
    expect(stderr).toMatch(
      /lacking\.csv: expected features under the name "age", got arrays "height", "weight", "size"/,
    );
  });

  it('refuses a row with a gap, and goes on', async () => {
    const lines = await scoresOf('gap.csv');
    expect(lines.map(({ refused }) => refused)).toEqual(['NON_FINITE', ...Array(11).fill('')]);
  });

  it('takes other columns where they are named', async () => {
    const made = await run(
      ...['fit', '--features', 'train.csv', '--calibrate', 'unseen.csv', '--detector', 'mahalanobis'],
      ...['--columns', 'age,height', '--label-column', 'weight', '--out', 'two'],
    );
    // Weights are no class indices: said with column and row.
    expect(made.stderr).toMatch(/column 'weight': expected class indices from 0/);
    const two = await run(
      ...['fit', '--features', 'train.csv', '--calibrate', 'unseen.csv', '--detector', 'knn'],
      ...['--columns', 'age,height', '--out', 'two'],
    );
    expect(two.code).toBe(EXIT.ok);
    expect(JSON.parse(await readFile(join(cwd, 'two/guard.json'), 'utf8')).columns).toEqual([
      'age',
      'height',
    ]);
  });
});

it('takes logits and labels of features from files of their own', async () => {
  const write = (name: string, array: DenseArray) => writeFile(join(cwd, name), encodeNpy(array));
  const of = (from: number, count: number) => Float32Array.from(rows(from, count).flat());
  await write('f.npy', { shape: [300, 3], data: of(0, 300) });
  await write('y.npy', { shape: [300], data: Int32Array.from({ length: 300 }, (_, i) => i % 2) });
  await write('short.npy', { shape: [299], data: new Int32Array(299) });
  const fit = (...args: string[]) =>
    run(
      'fit',
      '--features',
      'f.npy',
      '--calibrate',
      'unseen.csv',
      '--detector',
      'mahalanobis',
      '--out',
      'own',
      ...args,
    );
  expect((await fit()).stderr).toMatch(/mahalanobis: expected labels/);
  expect((await fit('--labels', 'short.npy')).stderr).toMatch(
    /short\.npy: expected 300 rows, as in the features, got 299/,
  );
  expect(await fit('--labels', 'y.npy')).toMatchObject({ code: EXIT.ok });
  expect((await run('fit', '--images', 'x', '--labels', 'y.npy', '--out', 'n')).stderr).toMatch(
    /--labels: expected rows of --features/,
  );
});

describe('scores', () => {
  const score = async (out: string, features = 'gap.csv') => {
    const said = await run('score', '--guard', 'g', '--features', features, '--out', out);
    expect(said.code, said.stderr).toBe(EXIT.ok);
    return new Uint8Array(await readFile(join(cwd, out)));
  };

  it('are the same in every kind of file', async () => {
    const lines = await scoresOf('gap.csv');
    const expected = lines.map(({ score }) => (score === '' ? Number.NaN : Number(score)));
    expect([...(decodeNpy(await score('s.npy'), 's.npy').data as Float64Array)]).toEqual(expected);

    const npz = await openNpz(await score('s.npz'));
    expect(npz.names).toEqual(['id', 'is_ood', 'p_value', 'score', 'refused']);
    const array = await npz.array('score');
    const numbers: number[] = [];
    for (let row = 0; row < array.rows; row++) numbers.push((await array.rowNumbers(row))[0]!);
    expect(numbers).toEqual(expected);

    const bytes = await score('s.parquet');
    const records = await parquetReadObjects({ file: bytes.buffer.slice(bytes.byteOffset) as ArrayBuffer });
    expect(records[0]).toMatchObject({ id: '0', is_ood: null, score: null, refused: 'NON_FINITE' });
    expect(records.slice(1).map(record => record.score)).toEqual(expected.slice(1));
    expect(records[1]).toMatchObject({ is_ood: lines[1]!.is_ood === '1', refused: null });

    const json = new TextDecoder()
      .decode(await score('s.jsonl'))
      .trimEnd()
      .split('\n');
    expect(json.slice(1).map(line => JSON.parse(line).score)).toEqual(expected.slice(1));
    expect(JSON.parse(json[0]!)).toMatchObject({ id: '0', score: null, refused: 'NON_FINITE' });
  });

  it('replace their own kind, and nothing else', async () => {
    for (const ending of ['jsonl', 'npy', 'npz', 'parquet']) await score(`s.${ending}`);
    for (const name of ['train.csv', 'judged.parquet']) {
      const said = await run('score', '--guard', 'g', '--features', 'judged.csv', '--out', name);
      expect(said).toMatchObject({ code: EXIT.usage, stderr: expect.stringContaining('got another file') });
    }
    const said = await run('score', '--guard', 'g', '--features', 'judged.csv', '--out', 'x.txt');
    expect(said).toMatchObject({
      code: EXIT.usage,
      stderr: expect.stringContaining('.csv, .jsonl, .npy, .npz, .parquet'),
    });
  });
});
