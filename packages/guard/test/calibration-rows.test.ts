import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom, type Matrix, stackRows } from '@ood/core';
import type { Sample, Samples } from '@ood/features';
import { encodeModel, makeGraph, makeModel, makeNode } from '@ood/onnx';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { joinPrints, printSet, rowPrinter } from '../src/calibration/row-prints.ts';
import { fitGuard, openGuard } from '../src/index.ts';
import { glyphOptions } from './glyph-guard.ts';
import { glyphs } from './glyphs.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ood-rows-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));
let made = 0;
const out = () => join(folder, `guard-${made++}`);

function normalRows(rows: number, cols: number, seed: number): Matrix<Float32Array> {
  const random = createRandom(seed, 'test rows');
  return { rows, cols, data: Float32Array.from({ length: rows * cols }, () => random.normal()) };
}

const times = (matrix: Matrix, count: number) =>
  stackRows(
    Array.from({ length: count }, () => matrix),
    matrix.cols,
  );

/** A model that hands its input of `dim` numbers on. */
function identity(dim: number): Uint8Array {
  const info = (name: string) => ({ name, type: 'float32' as const, dims: ['n', dim] });
  return encodeModel(
    makeModel(
      makeGraph('identity', {
        inputs: [info('x')],
        outputs: [info('f')],
        nodes: [makeNode('Identity', { inputs: ['x'], outputs: ['f'] })],
      }),
    ),
  );
}

/** A model of `dim` numbers whose features are so coarse that many inputs share them, as of a model quantized to a few levels. */
function coarse(dim: number): Uint8Array {
  const info = (name: string) => ({ name, type: 'float32' as const, dims: ['n', dim] });
  return encodeModel(
    makeModel(
      makeGraph('coarse', {
        inputs: [info('x')],
        outputs: [info('f')],
        nodes: [makeNode('Round', { inputs: ['x'], outputs: ['f'] })],
      }),
    ),
  );
}

/** The rows as vectors for a model. */
const vectorsOf = ({ rows, cols, data }: Matrix<Float32Array>, name: string): Samples => ({
  length: rows,
  async *[Symbol.asyncIterator]() {
    for (let row = 0; row < rows; row++)
      yield { id: `${name}/${row}`, label: 0, vector: data.slice(row * cols, (row + 1) * cols) };
  },
});

/** Rows of a single class. */
const rowsOf = (features: Matrix) => ({ features, labels: new Int32Array(features.rows) });
const options = (dim: number) => ({ model: identity(dim), detector: 'mahalanobis', detectorOptions: {} });

/** Samples of a source and then of another, under names of their own. */
const after = (first: Samples, second: Samples, name: (sample: Sample) => Sample): Samples => ({
  async *[Symbol.asyncIterator]() {
    yield* first;
    for await (const sample of second) yield name(sample);
  },
});

describe('row prints', () => {
  it('tell equal rows, also ones that were rounded otherwise, and no others', () => {
    const rows = normalRows(500, 64, 1);
    const print = rowPrinter();
    const set = printSet(print(rows));
    expect(set.size).toBe(500);
    const other = print(normalRows(500, 64, 2));
    const rounded = print({ ...rows, data: rows.data.map(value => Math.fround(value * (1 + 2e-7))) });
    const near = print({ ...rows, data: rows.data.map((value, i) => value + (i % 64 === 0 ? 0.001 : 0)) });
    const found = (prints: typeof other) =>
      Array.from({ length: 500 }, (_, row) => set.has(prints, row)).filter(Boolean).length;
    expect([found(other), found(rounded), found(near)]).toEqual([0, 500, 0]);
  });

  it('name the first of equal rows, whatever lies between', () => {
    const rows = normalRows(3, 8, 3);
    const print = rowPrinter();
    const twice = joinPrints([print(rows), print(normalRows(2, 8, 4)), print(rows)]);
    expect([...printSet(twice).firstOf]).toEqual([0, 1, 2, 3, 4, 0, 1, 2]);
    const zeros = print({ rows: 4, cols: 8, data: new Float32Array(32) });
    expect(printSet(zeros)).toMatchObject({ size: 1, firstOf: Int32Array.of(0, 0, 0, 0) });
  });
});

describe('calibration rows that are not unseen', () => {
  it('are refused where they are the training images, under other names and in another order', async () => {
    const copies: Sample[] = [];
    for await (const sample of glyphs('train', 8)) copies.unshift({ ...sample, id: `copy of ${sample.id}` });
    const calibration = {
      length: copies.length,
      async *[Symbol.asyncIterator]() {
        yield* copies;
      },
    };
    await expect(
      fitGuard(out(), glyphOptions({ train: glyphs('train', 4), calibration })),
    ).rejects.toMatchObject({
      code: 'SEEN_ROWS',
      message: expect.stringMatching(
        /expected ID inputs that are not among those to fit on, got (\d+) of \1 that are \(copy of train\/\d+, copy of train\/\d+, copy of train\/\d+ and \d+ more\)/,
      ),
    });
  });

  it('are refused where a part of them is, images against features of theirs too', async () => {
    const { extract, openBackbone } = await import('@ood/features');
    const backbone = await openBackbone(glyphOptions().model);
    const train = await extract(backbone, glyphs('train', 8), {
      preprocessing: glyphOptions().preprocessing!,
    });
    await backbone.close();
    const calibration = after(glyphs('validation', 4), glyphs('train', 64), sample => ({
      ...sample,
      id: `x ${sample.id}`,
    }));
    await expect(fitGuard(out(), glyphOptions({ train, calibration }))).rejects.toMatchObject({
      code: 'SEEN_ROWS',
      details: {
        seen: glyphs('train', 64).length,
        first: [expect.stringContaining('x train/'), expect.anything(), expect.anything()],
      },
    });
  });

  it('are left out with a warning where they are a few that chance brings', async () => {
    const calibration = after(glyphs('validation', 2), glyphs('train', 4000), sample => ({
      ...sample,
      id: `x ${sample.id}`,
    }));
    const guard = out();
    const { calibration: decision, warnings } = await fitGuard(guard, glyphOptions({ calibration }));
    const seen = glyphs('train', 4000).length;
    expect(decision.rows).toMatchObject({ given: glyphs('validation', 2).length + seen, seen });
    expect(decision.count).toBe(decision.rows.given - decision.rows.repeated - seen);
    expect(warnings.find(({ code }) => code === 'SEEN_ROWS')!.message).toContain('x train/0');
    const opened = await openGuard(guard, { worker: false });
    expect(opened.warnings).toEqual(warnings);
    await opened.close();
  });

  it('are told by their samples where features are too coarse to tell them', async () => {
    const train = normalRows(600, 4, 11);
    const fit = (calibration: Samples) =>
      fitGuard(out(), { ...options(4), model: coarse(4), train: vectorsOf(train, 'train'), calibration });
    const unseen = vectorsOf(normalRows(300, 4, 12), 'unseen');
    const { calibration } = await fit(unseen);
    expect(calibration).toMatchObject({ count: 300, rows: { given: 300, repeated: 0, seen: 0 } });
    const twice = after(unseen, unseen, sample => ({ ...sample, id: `x ${sample.id}` }));
    expect((await fit(twice)).calibration).toMatchObject({ count: 300, rows: { repeated: 300 } });
    const copies = after(unseen, vectorsOf(train, 'train'), sample => ({ ...sample, id: `x ${sample.id}` }));
    await expect(fit(copies)).rejects.toMatchObject({
      code: 'SEEN_ROWS',
      details: { given: 900, seen: 600 },
    });
  });

  it('count once where they repeat others: 20 rows 25 times are 20', async () => {
    const calibration = rowsOf(times(normalRows(20, 8, 5), 25));
    const { calibration: decision, warnings } = await fitGuard(out(), {
      ...options(8),
      train: rowsOf(normalRows(400, 8, 6)),
      calibration,
    });
    expect(decision).toMatchObject({ count: 20, rank: 1, rows: { given: 500, repeated: 480, seen: 0 } });
    expect(decision.rateBand.high).toBeCloseTo(0.168, 3);
    expect(warnings.map(({ code }) => code)).toEqual(expect.arrayContaining(['REPEATED_ROWS', 'FEW_ROWS']));
  });

  it('are refused where too few are left, with what became of the others', async () => {
    const calibration = rowsOf(times(normalRows(10, 8, 5), 50));
    await expect(
      fitGuard(out(), { ...options(8), train: rowsOf(normalRows(400, 8, 6)), calibration }),
    ).rejects.toMatchObject({
      code: 'TOO_FEW',
      message: expect.stringContaining(
        'at least 19 distinct rows for alpha = 0.05, got 10, left of 500 without 490 that repeat others',
      ),
    });
    await expect(
      fitGuard(out(), { ...options(8), train: rowsOf(times(normalRows(20, 8, 5), 25)) }),
    ).rejects.toMatchObject({ code: 'TOO_FEW', details: { rows: { seen: expect.any(Number) } } });
  });
});

describe('a guard that can catch nothing', () => {
  it('is marked: two rows to fit on in 64 dimensions', async () => {
    const given = {
      ...options(64),
      calibration: rowsOf(normalRows(200, 64, 8)),
      train: rowsOf(normalRows(2, 64, 9)),
    };
    const outcome = await fitGuard(out(), given).then(
      ({ warnings }) => warnings.map(({ code }) => code as string),
      (error: { code: string }) => [error.code],
    );
    expect(outcome).toEqual([
      expect.stringMatching(/LOW_POWER|POWERLESS|TOO_FEW|SINGULAR_COVARIANCE|DEGENERATE/),
    ]);
  });

  it('is refused: a threshold that nothing reaches', async () => {
    const { decodeDetector, fitDetector } = await import('@ood/detectors');
    const fitted = await fitDetector('mahalanobis', rowsOf(normalRows(400, 8, 6)));
    const real = decodeDetector(fitted.encode());
    // Scores that only tell ID rows apart, from 1e16 downwards: whatever is further away is accepted.
    const upsideDown = {
      ...real,
      score: async (rows: object) => (await real.score(rows)).map(score => 1e16 - Math.abs(score) * 1e14),
      toOnnx: async () => {
        throw Object.assign(new Error('no graph'), {
          code: 'NOT_EXPORTABLE',
          [Symbol.for('ood.error')]: true,
        });
      },
    };
    const calibration = rowsOf({
      ...normalRows(200, 8, 7),
      data: normalRows(200, 8, 7).data.map(value => value / 100),
    });
    await expect(
      fitGuard(out(), { model: identity(8), detector: upsideDown, calibration }),
    ).rejects.toMatchObject({
      code: 'POWERLESS',
    });
    await real.close();
    await fitted.close();
  });

  it('is nothing that a good guard is taken for', async () => {
    const random = normalRows(1200, 4, 10);
    // Features that depend on each other, as those of a model do.
    const data = Float32Array.from({ length: 1200 * 8 }, (_, i) => {
      const [row, col] = [Math.floor(i / 8), i % 8];
      return random.data[row * 4 + (col % 4)]! * (col < 4 ? 1 : -0.5) + 0.05 * Math.sin(i * i);
    });
    const part = (from: number, to: number) =>
      rowsOf({ rows: to - from, cols: 8, data: data.slice(from * 8, to * 8) });
    const { warnings, power } = await fitGuard(out(), {
      ...options(8),
      train: part(0, 800),
      calibration: part(800, 1200),
    });
    expect(warnings).toEqual([]);
    expect(power).toMatchObject({ rows: 256, reversed: 1 });
    expect(power.shuffled).toBeGreaterThan(0.5);
  });
});

describe('names of classes', () => {
  it('are those given, in verdicts too, and must be as many as the logits', async () => {
    const classes = Array.from({ length: 10 }, (_, i) => `letter ${i}`);
    const guard = out();
    await fitGuard(guard, glyphOptions({ detector: 'energy', classes }));
    const opened = await openGuard(guard, { worker: false });
    const { prediction } = await opened.check((await glyphs('test').read(5)).pixels);
    await opened.close();
    expect(prediction!.name).toBe(`letter ${prediction!.index}`);
    await expect(fitGuard(out(), glyphOptions({ classes: ['one'] }))).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining('expected 10 names, one for each class, got 1'),
    });
  });

  it.each([
    ['beside the model', '.'],
    ['beside the folder onnx that the model is in', 'onnx'],
  ])('are those of a config.json %s; ones that do not fit are told', async (_where, inner) => {
    const { cp, mkdir, writeFile } = await import('node:fs/promises');
    const place = join(folder, `hub-${made++}`);
    const model = join(place, inner, 'model.onnx');
    await mkdir(join(place, inner), { recursive: true });
    await cp(glyphOptions().model as string, model);
    const id2label = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [String(i), `label ${i}`]));
    const fitted = async () => fitGuard(out(), glyphOptions({ model, detector: 'energy' }));
    await writeFile(join(place, 'config.json'), JSON.stringify({ id2label }));
    expect((await fitted()).classNames).toEqual(Object.values(id2label));
    await writeFile(join(place, 'config.json'), JSON.stringify({ id2label: { 0: 'a', 1: 'b' } }));
    expect((await fitted()).warnings).toMatchObject([
      { code: 'CLASS_NAMES', message: expect.stringContaining('2 classes') },
    ]);
    await writeFile(join(place, 'config.json'), '{"id2label": [');
    expect((await fitted()).warnings).toEqual([]);
  });
});

it('options that do not exist are refused', async () => {
  await expect(fitGuard(out(), { ...glyphOptions(), calibrate: 1 } as never)).rejects.toMatchObject({
    code: 'INVALID_OPTION',
    message: expect.stringMatching(
      /fitGuard: expected options among model, .* got "calibrate"; did you mean calibration\?/,
    ),
  });
  await expect(fitGuard(out(), { ...glyphOptions(), train: '/photos' as never })).rejects.toMatchObject({
    code: 'INVALID_OPTION',
    message: expect.stringContaining('a source of samples'),
  });
});
