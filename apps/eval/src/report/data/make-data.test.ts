import { createRandom } from '@ood/core';
import { expect, it } from 'vitest';
import type { Benchmark, DetectorScores } from '../../benchmark.ts';
import { judge } from '../../judge.ts';
import type { DetectorResult, Results } from '../../results.ts';
import { makeData } from './make-data.ts';
import { unpack } from './packed.ts';

const random = createRandom(1);
const normals = (count: number, mean: number) =>
  Float64Array.from({ length: count }, () => mean + random.normal());
const rows = (name: string, count: number) => ({
  name,
  features: { rows: count, cols: 4, data: Float32Array.from(normals(4 * count, 0)) },
});

/** Two detectors that differ in how far OOD scores lie. */
function input(count: number, judged: boolean) {
  const benchmark: Benchmark = {
    name: 'normal',
    idTrain: rows('train', 50),
    idTest: rows('test', count),
    ood: [
      { ...rows('near', count), group: 'near' },
      { ...rows('far', count), group: 'far' },
    ],
  };
  const scores: Record<string, DetectorScores> = {};
  const detectors = [0.5, 2].map((shift): DetectorResult => {
    const name = `by ${shift}`;
    scores[name] = {
      idTest: normals(count, 0),
      ood: { near: normals(count, shift), far: normals(count, 2 * shift) },
    };
    const run = { scores: scores[name], fitSeconds: 1, scoreMicroseconds: 1 };
    if (judged) return judge({ name, description: '' }, run, { ...benchmark, sharedRows: [] }, 1);
    const some = { value: 0.5, low: 0.4, high: 0.6 };
    const figures = { auroc: some, fpr95IdAccepted: some, fpr95OodCaught: some };
    const precisions = { averagePrecisionOod: some, averagePrecisionId: some };
    const sets = benchmark.ood.map(({ name: set, group }) => ({
      ...{ set, group, rows: count, ...figures, ...precisions, warnings: [] },
    }));
    return {
      detector: name,
      description: '',
      fitSeconds: 1,
      scoreMicroseconds: 1,
      thresholdIdAccepted: 0,
      sets,
      mean: {},
    };
  });
  return { results: { detectors } as unknown as Results, scores, benchmark };
}

it('takes 12 kB a detector and set of 10,000 rows: 29 detectors on 6 sets stay far below 5 MB', async () => {
  const data = await makeData(input(10_000, false), { map: 'pca', seed: 1 });
  for (const { sets, ...own } of data.detectors) {
    for (const figures of sets) expect(JSON.stringify(figures).length).toBeLessThan(12_000);
    expect(JSON.stringify(own).length).toBeLessThan(30_000);
  }
  expect(29 * (6 * 12_000 + 30_000)).toBeLessThan(3e6);
});

it('keeps counts, errors and extremes as the scores have them', async () => {
  const { results, scores, benchmark } = input(300, true);
  const data = await makeData({ results, scores, benchmark }, { map: 'none', seed: 1 });
  const [first] = data.detectors;
  const { idTest, ood } = scores[first!.name]!;
  const threshold = unpack(first!.thresholds)[900]!;
  expect(unpack(first!.idAccepted)[900]).toBe(idTest.filter(score => score <= threshold).length);
  expect(unpack(first!.sets[0]!.accepted)[900]).toBe(ood.near!.filter(score => score <= threshold).length);
  const sorted = ood.near!.slice().sort();
  expect(Array.from(unpack(first!.sets[0]!.mistakes.scores))).toEqual(Array.from(sorted.subarray(0, 24)));
  const highest = idTest.slice().sort().reverse();
  expect(Array.from(unpack(first!.unusual.scores))).toEqual(Array.from(highest.subarray(0, 24)));
  const rows = unpack(data.samples.row);
  const worst = unpack(first!.sets[0]!.mistakes.samples)[0]!;
  expect(ood.near![rows[worst]!]).toBe(sorted[0]);
  expect([data.map, data.atlas, data.focus, data.shown]).toEqual([null, null, 0, [0, 1]]);
});
