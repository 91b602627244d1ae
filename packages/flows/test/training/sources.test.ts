import { isOodError } from '@ood/core';
import { describe, expect, it } from 'vitest';
import { glow, type LabeledMatrix, type RowSource } from '../../src/index.ts';
import { batchesPerEpoch, batchFeed } from '../../src/training/batch-feed.ts';
import { BoundedSample } from '../../src/training/bounded-sample.ts';
import { survey } from '../../src/training/survey.ts';
import { trainPreset } from '../../src/training/train-preset.ts';
import { bytesOf, clusters } from '../support/rows.ts';

/** Rows that carry their own number in every column. */
function numbered(rows: number, cols = 2): LabeledMatrix {
  return { rows, cols, data: Float32Array.from({ length: rows * cols }, (_, i) => Math.floor(i / cols)) };
}

/** The same rows as a stream of batches of `size`. */
function streamed({ rows, cols, data, labels }: LabeledMatrix, size: number): RowSource {
  return {
    async *open() {
      for (let start = 0; start < rows; start += size) {
        const count = Math.min(size, rows - start);
        const batch = { rows: count, cols, data: data.subarray(start * cols, (start + count) * cols) };
        yield labels ? { ...batch, labels: labels.subarray(start, start + count) } : batch;
      }
    },
  };
}

const defaults = { seed: 1, validationFraction: 0.1, validationRows: 10_000 };

async function epochOf(
  source: RowSource,
  options: { shuffleRows?: number; epoch?: number; skip?: number; seed?: number } = {},
) {
  const { shuffleRows = 50, epoch = 0, skip = 0, seed = 1 } = options;
  const rows = await survey(source, { ...defaults, seed });
  const feed = batchFeed(source, rows, { seed, batchSize: 10, shuffleRows });
  await feed.open(epoch, skip);
  const batches: number[][] = [];
  for (let batch = await feed.next(); batch; batch = await feed.next()) {
    batches.push(Array.from({ length: batch.rows }, (_, i) => batch.data[2 * i]!));
  }
  return { batches, rows };
}

describe.each([
  ['a matrix', (rows: LabeledMatrix): RowSource => rows],
  ['a stream of small batches', (rows: LabeledMatrix) => streamed(rows, 7)],
  ['a stream of one batch', (rows: LabeledMatrix) => streamed(rows, 1e6)],
])('%s', (_, as) => {
  const source = as(numbered(400));

  it('gives every training row once an epoch, none that is held out, and counts its batches beforehand', async () => {
    const { batches, rows } = await epochOf(source);
    const seen = batches.flat();
    expect(batches).toHaveLength(batchesPerEpoch(rows, 10));
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.some(row => rows.isHeldOut(row))).toBe(false);
    const heldOut = Array.from({ length: rows.validation.rows }, (_, i) => rows.validation.data[2 * i]!);
    expect(heldOut.every(row => rows.isHeldOut(row))).toBe(true);
    expect(rows.trainingRows + heldOut.length).toBe(400);
    expect(heldOut.length).toBeGreaterThan(20);
  });

  it('shuffles, anew in every epoch, alike for the same seed', async () => {
    const [first, again, second, other] = await Promise.all(
      [{}, {}, { epoch: 1 }, { seed: 2 }].map(o => epochOf(source, o)),
    );
    expect(first!.batches.flat()).not.toEqual(first!.batches.flat().sort((a, b) => a - b));
    expect(again!.batches).toEqual(first!.batches);
    expect(second!.batches).not.toEqual(first!.batches);
    expect(other!.batches).not.toEqual(first!.batches);
  });

  it('can be entered in the middle of an epoch', async () => {
    const [whole, rest] = [await epochOf(source), await epochOf(source, { skip: 5 })];
    expect(rest.batches).toEqual(whole.batches.slice(5));
  });
});

describe('the survey', () => {
  it('holds out exactly the share of a matrix, and never all', async () => {
    for (const [rows, share, count] of [
      [100, 0.13, 13],
      [10, 0.01, 1],
      [2, 0.9, 1],
      [1, 0.5, 0],
    ] as const) {
      expect((await survey(numbered(rows), { ...defaults, validationFraction: share })).validation.rows).toBe(
        count,
      );
    }
  });

  it('keeps sample and held-out rows within bounds, uniformly, whatever the length', async () => {
    const rows = await survey(streamed(numbered(20_000), 333), { ...defaults, validationRows: 500 });
    expect(rows.validation.rows).toBeGreaterThan(200);
    expect(rows.validation.rows).toBeLessThanOrEqual(500);
    const numbers = rows.validation.data.filter((_, i) => i % 2 === 0);
    expect(numbers.reduce((a, b) => a + b, 0) / numbers.length / 20_000).toBeCloseTo(0.5, 1);
  });

  it('takes any limit on the rows to hold out, and memory only for those that come', async () => {
    const rows = await survey(streamed(numbered(400), 50), { ...defaults, validationRows: 1e12 });
    expect(rows.validation.rows).toBeGreaterThan(20);
    const sample = new BoundedSample({ share: 1, limit: 1e9, cols: 2 ** 24 });
    const row = new Float32Array(2 ** 24);
    for (let i = 0; i < 6; i++) {
      row[0] = i;
      sample.offer(i / 10, row, i);
    }
    const { data, labels } = sample.rows(true);
    expect(Array.from({ length: 6 }, (_, i) => data[i * 2 ** 24])).toEqual([0, 1, 2, 3, 4, 5]);
    expect([...labels!]).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('takes labels along with the rows they belong to', async () => {
    const labels = Int32Array.from({ length: 100 }, (_, i) => 7 * i);
    const { sample, validation } = await survey(streamed({ ...numbered(100), labels }, 9), defaults);
    for (const part of [sample, validation]) {
      expect([...part.labels!]).toEqual(Array.from({ length: part.rows }, (_, i) => 7 * part.data[2 * i]!));
    }
  });
});

describe('what cannot be trained on', () => {
  const withBad = (bad: number) => {
    const rows = numbered(50);
    rows.data[2 * 3] = bad;
    rows.data[2 * 41 + 1] = bad;
    return rows;
  };
  const table: [string, RowSource, string, string][] = [
    ['no rows', numbered(0), 'EMPTY_INPUT', '0 rows'],
    ['an empty stream', { open: () => [] }, 'EMPTY_INPUT', '0 rows'],
    ['NaN', withBad(Number.NaN), 'NON_FINITE', '2 of 50 rows with NaN or infinity (rows 3, 41)'],
    ['infinity in a stream', streamed(withBad(Number.NEGATIVE_INFINITY), 8), 'NON_FINITE', '(rows 3, 41)'],
    ['a wrong length', { rows: 3, cols: 2, data: new Float32Array(5) }, 'WRONG_SHAPE', '5 numbers'],
    ['changing columns', { open: () => [numbered(2), numbered(2, 3)] }, 'WRONG_SHAPE', 'rows from 2 on'],
    ['missing labels', { ...numbered(4), labels: new Int32Array(3) }, 'BAD_LABELS', '3'],
    [
      'labels of some rows only',
      { open: () => [{ ...numbered(4), labels: new Int32Array(4) }, numbered(0), numbered(2)] },
      'BAD_LABELS',
      'rows from 4 on',
    ],
    [
      'numbers of another kind',
      { ...numbered(2), data: new Float64Array(4) as unknown as Float32Array },
      'WRONG_SHAPE',
      'Float64Array',
    ],
    ['names for labels', { ...numbered(2), labels: ['a', 'b'] as never }, 'BAD_LABELS', '2 in Array'],
    ['part of a row', { ...numbered(3), rows: 1.5 }, 'WRONG_SHAPE', '1.5 × 2'],
    ['less than nothing', { rows: -2, cols: -2, data: new Float32Array(4) }, 'WRONG_SHAPE', '-2 × -2'],
    ['a stream of nothing', { open: () => [undefined] } as never, 'WRONG_SHAPE', 'undefined'],
    ['a stream that is none', { open: () => 5 } as never, 'WRONG_SHAPE', 'got number'],
    ['a list', [[1, 2]] as unknown as RowSource, 'WRONG_SHAPE', 'an array of 1'],
    ['nothing', null as unknown as RowSource, 'WRONG_SHAPE', 'got null'],
    ['a matrix without numbers', { rows: 2, cols: 2 } as unknown as RowSource, 'WRONG_SHAPE', 'object'],
  ];
  it.each(table)('%s', async (_, source, code, message) => {
    const failure = await trainPreset(glow(), source).catch((error: unknown) => error);
    expect(isOodError(failure) && failure.code).toBe(code);
    expect((failure as Error).message).toContain(message);
  });

  it('rows whose numbers are large but finite are taken', async () => {
    const rows = numbered(20);
    rows.data.fill(3e38);
    expect((await survey(rows, defaults)).rows).toBe(20);
  });
});

describe('training on a stream', () => {
  const rows = clusters({ rows: 300, cols: 4, seed: 8 });
  const options = {
    batchSize: 30,
    learningRate: 1e-3,
    epochs: 2,
    threads: 1,
    validationFraction: 0.1,
    shuffleRows: 64,
  };

  it('depends on the rows, not on how the stream cuts them', async () => {
    const [first, second] = await Promise.all(
      [11, 100].map(size => trainPreset(glow({ blocks: 1 }), streamed(rows, size), options)),
    );
    expect(bytesOf(first!.weights)).toBe(bytesOf(second!.weights));
    expect(first!.history.steps).toBeGreaterThan(15);
  });

  it('hands on the error of a stream that breaks', async () => {
    let passes = 0;
    const breaking: RowSource = {
      async *open() {
        passes++;
        yield* (streamed(rows, 50) as { open(): AsyncIterable<LabeledMatrix> }).open();
        if (passes === 3) throw new RangeError('the disk is gone');
      },
    };
    await expect(trainPreset(glow({ blocks: 1 }), breaking, options)).rejects.toThrow(
      new RangeError('the disk is gone'),
    );
  });

  it.each([
    ['fewer rows', clusters({ rows: 100, cols: 4, seed: 8 }), 'only 100 rows'],
    [
      'one row fewer',
      { ...rows, rows: 299, data: rows.data.subarray(4), labels: rows.labels.subarray(1) },
      '299',
    ],
    ['more rows', clusters({ rows: 301, cols: 4, seed: 8 }), '301 × 4'],
    ['other columns', clusters({ rows: 150, cols: 8, seed: 8 }), '150 × 8'],
    ['the same rows in another order', { ...rows, data: rows.data.toReversed() }, 'other numbers'],
  ])('names a stream that has %s the second time', async (_, second, got) => {
    let passes = 0;
    const changing: RowSource = { open: () => [passes++ === 0 ? rows : second] };
    const failure = await trainPreset(glow({ blocks: 1 }), changing, options).catch(
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({ name: 'FlowsError', code: 'UNSTABLE_SOURCE' });
    expect((failure as Error).message).toContain(`the 300 × 4 numbers of the first pass`);
    expect((failure as Error).message).toContain(got);
  });

  it('holds out a row at least, however small the share', async () => {
    const { history } = await trainPreset(glow({ blocks: 1 }), streamed(rows, 50), {
      ...options,
      validationFraction: 1e-12,
    });
    expect(history.validations).toHaveLength(3);
    expect(history.steps).toBe(2 * Math.floor(299 / 30));
  });
});
