import { createRandom, type Matrix } from '@ood/core';
import { describe, expect, it } from 'vitest';
import {
  describeMethod,
  detectorNames,
  type FitSettings,
  fitDetector,
  type MethodOptions,
} from '../src/index.ts';
import { detectorLaws } from '../src/laws/index.ts';
import { findMethod } from '../src/registry.ts';
import { goldenProblem } from './golden-problem.ts';

const narrow = ({ rows, cols, data }: Matrix) => ({ rows, cols, data: Float32Array.from(data) });
const { labels } = goldenProblem.train;
const train = {
  features: narrow(goldenProblem.train.features),
  logits: narrow(goldenProblem.train.logits!),
  labels,
};
const queries = { features: narrow(goldenProblem.ood.features), logits: narrow(goldenProblem.ood.logits) };
const d = train.features.cols;
const BESIDE = 7;

/** Rows with the values of further layers behind their own, as `layers` of `openBackbone` gives them. */
function withLayers<Rows extends { readonly features: Matrix }>(rows: Rows, seed: number): Rows {
  const { normal } = createRandom(seed);
  const { rows: count, cols, data } = rows.features;
  const joined = new Float32Array(count * (cols + BESIDE));
  for (let row = 0; row < count; row++) {
    const own = data.subarray(row * cols, (row + 1) * cols);
    joined.set(own, row * (cols + BESIDE));
    const size = Math.hypot(...own);
    const others = Array.from({ length: BESIDE }, () => 1 + 0.1 * normal());
    const scale = size / Math.hypot(...others);
    joined.set(
      others.map(value => scale * value),
      row * (cols + BESIDE) + cols,
    );
  }
  return { ...rows, features: { rows: count, cols: cols + BESIDE, data: joined } };
}

const joined = { train: withLayers(train, 1), queries: withLayers(queries, 2) };
const head = { ...goldenProblem.head, featureSize: d + BESIDE };
const optionsOf = (name: string): MethodOptions & FitSettings => ({
  threads: 1,
  ...(name === 'neglabel' && { idLabels: 2, keptShare: 1 }),
});
const reading = detectorNames.filter(name => describeMethod(name).reads.includes('features'));
const isFused = (name: string) => name.endsWith('fused');
const ofHead = reading.filter(name => {
  const { needs } = describeMethod(name);
  return !isFused(name) && (needs.includes('head') || needs.includes('logits'));
});

describe.each(ofHead)('%s, on rows of several layers,', name => {
  it('reads what the head reads, and nothing else', async () => {
    const plain = await fitDetector(name, train, { ...optionsOf(name), head: goldenProblem.head });
    const wide = await fitDetector(name, joined.train, { ...optionsOf(name), head });
    expect([...(await wide.score(joined.queries))]).toEqual([...(await plain.score(queries))]);
    expect(wide.describe()).toEqual({
      ...plain.describe(),
      widths: { ...plain.describe().widths, features: d + BESIDE },
    });
    await expect(wide.score(queries)).rejects.toMatchObject({
      code: 'WRONG_SHAPE',
      expected: expect.stringContaining(`${d + BESIDE} columns`),
    });
    await plain.close();
    await wide.close();
  });
});

describe.each(['react', 'nnguide', 'vim', 'knn', 'mahalanobis++', 'mahalanobis++-fused'])(
  '%s, on rows of several layers,',
  name => {
    const laws = detectorLaws(findMethod(name), {
      train: joined.train,
      queries: joined.queries,
      options: { ...optionsOf(name), head } as MethodOptions & FitSettings,
    });
    it.each(laws)('$name', ({ check }) => check(), 60_000);
  },
);

it.each(['knn', 'mahalanobis++'])('%s judges the whole row', async name => {
  const plain = await fitDetector(name, train, { threads: 1 });
  const wide = await fitDetector(name, joined.train, { threads: 1, head });
  expect(wide.describe().widths.features).toBe(d + BESIDE);
  expect([...(await wide.score(joined.queries))]).not.toEqual([...(await plain.score(queries))]);
  const without = await fitDetector(name, joined.train, { threads: 1 });
  expect([...(await wide.score(joined.queries))]).toEqual([...(await without.score(joined.queries))]);
  for (const detector of [plain, wide, without]) await detector.close();
});

it('a fused detector takes its evidence from what the head reads, and its density from all', async () => {
  const { needs } = describeMethod('mahalanobis++-fused');
  expect(needs).toContain('logits');
  const wide = await fitDetector('mahalanobis++-fused', joined.train, { threads: 1, head });
  const changed = {
    ...joined.queries,
    features: { ...joined.queries.features, data: joined.queries.features.data.slice() },
  };
  const { cols } = changed.features;
  for (let row = 0; row < changed.features.rows; row++)
    changed.features.data.fill(0, row * cols + d, (row + 1) * cols);
  expect([...(await wide.score(changed))]).not.toEqual([...(await wide.score(joined.queries))]);
  await wide.close();
});

it('logits that rows of several layers lack are those of the head', async () => {
  const { logits: _, ...bare } = joined.train;
  const given = await fitDetector('nnguide', joined.train, { threads: 1, head });
  const made = await fitDetector('nnguide', bare, { threads: 1, head });
  const [a, b] = [await given.score(joined.queries), await made.score(joined.queries)];
  a.forEach((score, row) => {
    expect(Math.abs(score - b[row]!)).toBeLessThan(1e-4 * Math.max(1, Math.abs(score)));
  });
  await given.close();
  await made.close();
});
