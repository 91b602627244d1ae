import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeModel, encodeModel, makeGraph, makeModel, type Tensor } from '@ood/onnx';
import { nodeRuntime, readModel } from '@ood/onnx/node';
import { beforeAll, describe, expect, it } from 'vitest';
import { writeExported } from '../src/export/write-exported.ts';
import { appendDecision } from '../src/graph/decision-graph.ts';
import { exportGuard, openGuard, type ParityReport, type Verdict } from '../src/index.ts';
import { useGlyphGuard } from './glyph-guard.ts';
import { glyphs } from './glyphs.ts';

const context = useGlyphGuard({ detector: 'fde', detectorOptions: { epochs: 2 } });
let file = '';
let report: ParityReport;
beforeAll(async () => {
  file = join(context.folder, 'guard.onnx');
  report = await exportGuard(context.path, file, { sample: glyphs('test', 50) });
});

describe('an exported guard', () => {
  it('takes a batch of any size and gives logits, score, p_value and is_ood', async () => {
    const { inputs, outputs } = describeModel(await readModel(file));
    expect(inputs).toMatchObject([{ name: 'image', type: 'float32', dims: ['batch', 1, 28, 28] }]);
    expect(outputs).toMatchObject([
      { name: 'logits', type: 'float32', dims: ['batch', 10] },
      { name: 'score', type: 'float32', dims: ['batch'] },
      { name: 'p_value', type: 'float32', dims: ['batch'] },
      { name: 'is_ood', type: 'bool', dims: ['batch'] },
    ]);
  });

  it('says of images what the guard says', async () => {
    const samples = [];
    for await (const { pixels } of glyphs('test', 97)) samples.push(pixels);
    const guard = await openGuard(context.path, { worker: false });
    const outcomes = await guard.checkBatch(samples, { batchSize: samples.length });
    await guard.close();
    const session = await nodeRuntime.createSession(file);
    const data = Float32Array.from(
      samples.flatMap(({ data }) => [...data]),
      value => value / 255,
    );
    const outputs = await session.run({
      image: { type: 'float32', dims: [samples.length, 1, 28, 28], data },
    });
    await session.close();
    const verdicts = outcomes.map(outcome => (outcome as { verdict: Verdict }).verdict);
    expect([...(outputs.is_ood!.data as Uint8Array)]).toEqual(verdicts.map(({ isOod }) => Number(isOod)));
    for (const [i, { score, pValue, logits }] of verdicts.entries()) {
      expect((outputs.score!.data as Float32Array)[i]).toBe(score);
      expect((outputs.p_value!.data as Float32Array)[i]).toBeCloseTo(pValue, 6);
      expect((outputs.logits!.data as Float32Array).slice(i * 10, i * 10 + 10)).toEqual(logits);
    }
  });

  it('describes preprocessing, threshold and guarantee in its metadata', async () => {
    const { metadata } = describeModel(await readModel(file));
    const guard = await openGuard(context.path, { worker: false });
    const { calibration, preprocessing, preprocessingHash } = guard.describe();
    await guard.close();
    expect(JSON.parse(metadata['ood.preprocessing']!)).toEqual(preprocessing);
    expect(metadata['ood.preprocessing.sha256']).toBe(preprocessingHash);
    expect(metadata['ood.input']).toContain("resize to 28×28 with Pillow's bilinear filter");
    expect(Number(metadata['ood.threshold'])).toBe(calibration.threshold);
    expect(metadata['ood.guarantee']).toBe(calibration.guarantee);
  });

  it('comes with a report of how far it is from what it was made of', async () => {
    expect(JSON.parse(await readFile(`${file}.parity.json`, 'utf8'))).toEqual(report);
    const { rows, inputs, logits, score, pValue, decisions } = report.sample;
    expect({ rows, inputs, decisions }).toEqual({ rows: 58, inputs: 'given', decisions: 0 });
    expect(logits).toBeLessThan(1e-4);
    expect(score.inDeviations).toBeLessThan(1e-3);
    expect(pValue).toBeLessThan(2e-3);
  });

  it('is compared on synthetic inputs where none are given', async () => {
    const other = join(context.folder, 'other.onnx');
    const { sample } = await exportGuard(context.path, other);
    expect(sample).toMatchObject({ rows: 32, inputs: 'synthetic' });
  });
});

describe('the decision nodes', () => {
  const calibration = Float32Array.of(1, 2, 2, 2, 3, 4, 4, 9);
  const decide = async (threshold: number, scores: number[]) => {
    const graph = makeGraph('scores', {
      inputs: [{ name: 'score', type: 'float32', dims: ['batch'] }],
      outputs: [],
      nodes: [],
    });
    const model = appendDecision(makeModel(graph), { scores: calibration, threshold, batch: 'batch' });
    const session = await nodeRuntime.createSession(encodeModel(model));
    const score: Tensor = { type: 'float32', dims: [scores.length], data: Float32Array.from(scores) };
    const { p_value, is_ood } = await session.run({ score });
    await session.close();
    return { p: [...(p_value!.data as Float32Array)], ood: [...(is_ood!.data as Uint8Array)] };
  };

  it('count calibration scores that reach the score, ties included', async () => {
    const { p } = await decide(4, [0, 1, 2, 2.5, 4, 9, 10]);
    expect(p).toEqual([9, 9, 8, 5, 4, 2, 1].map(rank => Math.fround(rank / 9)));
  });

  it('accept a score that ties with the threshold, and never one that is not a number', async () => {
    const { ood, p } = await decide(4, [4, 4.0000005, 3, Number.NaN, Number.POSITIVE_INFINITY]);
    expect(ood).toEqual([0, 1, 0, 1, 1]);
    expect(p[3]).toBeCloseTo(1 / 9);
  });
});

describe('writing an exported guard', () => {
  const place = () => mkdtemp(join(context.folder, 'written-'));
  const check = async () => ({ looked: true });

  it('names in its report the file that it is of', async () => {
    const said = JSON.parse(await readFile(`${file}.parity.json`, 'utf8'));
    expect(said).toEqual(JSON.parse(JSON.stringify(report)));
    expect(said.file).toBe('guard.onnx');
    expect(said.sha256).toBe(
      createHash('sha256')
        .update(await readFile(file))
        .digest('hex'),
    );
  });

  /** Compared as bytes: the difference of two models would be millions of lines. */
  const isAt = async (path: string, model: Parameters<typeof encodeModel>[0]) =>
    Buffer.compare(encodeModel(await readModel(path)), encodeModel(model)) === 0;

  it('keeps tensors beside a model that is too large, and the older model whole until the new one is', async () => {
    const folder = await place();
    const path = join(folder, 'a.onnx');
    const model = await readModel(file);
    const smaller = { ...model, producerName: 'other' };
    await writeExported(path, model, { check, most: 1000 });
    const [first] = (await readdir(folder)).filter(name => name.endsWith('.data'));
    expect(await isAt(path, model)).toBe(true);
    // The same tensors, and a check that fails: all is as it was.
    const failing = async (unchecked: string) => {
      expect((await readModel(unchecked)).producerName).toBe('other');
      throw new Error('not alike');
    };
    await expect(writeExported(path, smaller, { check: failing, most: 1000 })).rejects.toThrow('not alike');
    expect((await readdir(folder)).sort()).toEqual(['a.onnx', first, 'a.onnx.parity.json'].sort());
    expect(await isAt(path, model)).toBe(true);
    await writeExported(path, smaller, { check });
    expect((await readdir(folder)).sort()).toEqual(['a.onnx', 'a.onnx.parity.json']);
    expect((await readModel(path)).producerName).toBe('other');
  });
});
