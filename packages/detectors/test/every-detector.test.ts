import type { LabeledRows, Matrix, Rows } from '@ood/core';
import { nodeRuntime } from '@ood/onnx/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Detector,
  decodeDetector,
  describeMethod,
  detectorNames,
  type FitSettings,
  fitDetector,
  type MethodOptions,
} from '../src/index.ts';
import { goldenProblem } from './golden-problem.ts';

const { id, ood, head } = goldenProblem;
const narrow = ({ rows, cols, data }: Matrix) => ({ rows, cols, data: Float32Array.from(data) });
const rows32 = ({ features, logits }: Rows) => ({ features: narrow(features!), logits: narrow(logits!) });
const train: LabeledRows = { ...rows32(goldenProblem.train), labels: goldenProblem.train.labels };
const queries = join(rows32(id), rows32(ood));

/** Flows train for long by default; here it is enough that they train. */
const optionsOf = (name: string): MethodOptions & FitSettings =>
  name.startsWith('fde') ? { epochs: 1, batchSize: 100, threads: 1 } : {};
/** Absolute difference allowed between float32 graph and float64 scores, as a share of the largest score. */
const PARITY = 2e-5;

describe.each(detectorNames)('%s', name => {
  let detector: Detector;
  let scores: Float64Array;

  beforeAll(async () => {
    detector = await fitDetector(name, train, { head, ...optionsOf(name) });
    scores = await detector.score(queries);
  }, 60_000);
  afterAll(() => detector?.close());

  it('describes itself as its method does', () => {
    const method = describeMethod(name);
    expect(detector.describe()).toMatchObject({
      name,
      title: method.title,
      paper: expect.stringMatching(/, (19|20)\d\d: /),
      needs: method.needs,
      reads: method.reads,
    });
  });

  it('gives every row one finite score, and not all the same', () => {
    expect(scores).toHaveLength(120);
    expect(scores.every(Number.isFinite)).toBe(true);
    expect(new Set(scores).size).toBeGreaterThan(60);
  });

  it('scores a row alone as among others', async () => {
    for (const row of [0, 77]) {
      const [score] = await detector.score(slice(queries, row, row + 1));
      expect(Math.abs(score - scores[row])).toBeLessThanOrEqual(PARITY * Math.max(1, Math.abs(score)));
    }
  });

  it('scores no rows', async () => {
    expect(await detector.score(slice(queries, 0, 0))).toEqual(new Float64Array(0));
  });

  it('scores the same after saving and loading', async () => {
    const loaded = decodeDetector(detector.encode());
    expect(loaded.describe()).toEqual(detector.describe());
    expect(await loaded.score(queries)).toEqual(scores);
    await loaded.close();
  });

  it('exports a float32 graph that agrees', async () => {
    if (name === 'fde-residual') {
      await expect(detector.toOnnx()).rejects.toMatchObject({
        name: 'DetectorsError',
        code: 'NOT_EXPORTABLE',
      });
      return;
    }
    const names = { features: 'f', logits: 'l', score: 's' };
    const session = await nodeRuntime.createSession(await detector.toOnnx(names));
    const { reads } = detector.describe();
    expect(session.inputs.map(input => input.name)).toEqual(reads.map(reading => names[reading]));
    const feeds = Object.fromEntries(
      reads.map(reading => {
        const { rows, cols, data } = queries[reading];
        return [names[reading], { type: 'float32', dims: [rows, cols], data } as const];
      }),
    );
    const { s } = await session.run(feeds);
    await session.close();
    expect(s.dims).toEqual([120]);
    const largest = Math.max(...scores.map(Math.abs));
    (s.data as Float32Array).forEach((score, row) => {
      expect(Math.abs(score - scores[row])).toBeLessThanOrEqual(PARITY * largest);
    });
  });

  it('says what is missing, of what it needs to fit and of what it reads to score', async () => {
    const { needs, reads } = describeMethod(name);
    const missing = (need: string) => ({ name: 'DetectorsError', code: 'MISSING_INPUT', details: { need } });
    const { features, logits, labels } = train;
    // The argmax of logits stands in for labels, and the head for logits.
    const lacking = {
      features: () => fitDetector(name, { logits, labels }, { head }),
      logits: () => fitDetector(name, { features, labels }),
      labels: () => fitDetector(name, { features }),
      head: () => fitDetector(name, train),
    };
    for (const need of needs) {
      const replaces = need === 'labels' && needs.includes('logits') ? 'logits' : need;
      const said = need !== 'features' && needs.includes('head') ? 'head' : replaces;
      await expect(lacking[need](), need).rejects.toMatchObject(missing(said));
    }
    for (const reading of reads) {
      const { [reading]: _, ...rest } = queries;
      await expect(detector.score(rest)).rejects.toMatchObject(missing(reading));
    }
  });

  it('fits a stream as it fits rows in memory', async () => {
    const open = function* () {
      for (let start = 0; start < 400; start += 64)
        yield sliceTraining(train, start, Math.min(400, start + 64));
    };
    const streamed = await fitDetector(name, { open }, { head, ...optionsOf(name) });
    const again = await streamed.score(queries);
    await streamed.close();
    // A flow shuffles a stream differently, so its training takes another path.
    const tolerance = name.startsWith('fde') ? 0.5 : 1e-9;
    const largest = Math.max(...scores.map(Math.abs));
    again.forEach((score, row) => {
      expect(Math.abs(score - scores[row])).toBeLessThanOrEqual(tolerance * largest);
    });
  }, 60_000);
});

function join(a: { features: Matrix; logits: Matrix }, b: { features: Matrix; logits: Matrix }) {
  const both = (x: Matrix, y: Matrix) => ({
    rows: x.rows + y.rows,
    cols: x.cols,
    data: Float32Array.from([...x.data, ...y.data]),
  });
  return { features: both(a.features, b.features), logits: both(a.logits, b.logits) };
}

function slice<T extends Rows>({ features, logits }: T, start: number, end: number): Rows {
  const part = ({ cols, data }: Matrix) => ({
    rows: end - start,
    cols,
    data: data.subarray(start * cols, end * cols),
  });
  return { features: part(features!), logits: part(logits!) };
}

function sliceTraining(rows: LabeledRows, start: number, end: number): LabeledRows {
  return { ...slice(rows, start, end), labels: rows.labels!.subarray(start, end) };
}
