import { createRandom, type Matrix } from '@ood/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitKnn, fitNnguide } from '../src/index.ts';
import { GROUP, openBlockSearch } from '../src/neighbors/block-search.ts';
import { nthLargest } from '../src/neighbors/select-largest.ts';

/** Features as behind a ReLU, in steps of `step` where ties are wanted. */
function draw(rows: number, cols: number, { seed = 1, step = 0, wide = false } = {}): Matrix {
  const { uniform: random } = createRandom(seed);
  const value = () => Math.max(0, random() + random() - 1) + 0.01;
  const stepped = () => (step === 0 ? value() : Math.round(value() / step) * step + step);
  const data = Float32Array.from({ length: rows * cols }, stepped);
  return { rows, cols, data: wide ? Float64Array.from(data, x => x * 1.000000123) : data };
}

/** Distance to the k-th nearest row of the bank, all rows divided by their norms, in float64 throughout. */
function exactDistances(bank: Matrix, queries: Matrix, k: number): number[] {
  const unit = ({ rows, cols, data }: Matrix) =>
    Array.from({ length: rows }, (_, row) => {
      const values = Array.from(data.subarray(row * cols, (row + 1) * cols));
      const norm = Math.hypot(...values);
      return values.map(x => x / norm);
    });
  const held = unit(bank);
  return unit(queries).map(query => {
    const squares = Float64Array.from(held, row => {
      let sum = 0;
      for (let i = 0; i < row.length; i++) sum += (row[i]! - query[i]!) ** 2;
      return sum;
    });
    return Math.sqrt(squares.sort()[k - 1]!);
  });
}

describe('KNN finds the k-th nearest row exactly', () => {
  it.each([
    ['of a bank of several blocks and a rest', draw(34001, 6), 50],
    ['of a bank of whole groups', draw(4096, 6), 7],
    ['with more neighbors than groups', draw(3000, 6), 700],
    ['of a bank smaller than a group', draw(13, 6), 3],
    ['as far as there are rows', draw(300, 6), 300],
    ['among float64 rows', draw(700, 6, { wide: true }), 20],
    ['among ties', draw(900, 3, { step: 0.25 }), 5],
  ])('%s', async (_what, bank, k) => {
    const queries = draw(260, bank.cols, { seed: 2 });
    const detector = await fitKnn({ features: bank }, { k, threads: 1 });
    const scores = await detector.score({ features: queries });
    await detector.close();
    exactDistances(bank, queries, k).forEach((distance, row) => {
      expect(Math.abs(scores[row]! - distance)).toBeLessThanOrEqual(1e-9);
    });
  });
});

it.each([
  [1e20, 1e20],
  [1e-20, 1e-20],
  [1e36, 1],
  [1, 1e36],
])('KNN does not depend on the magnitude of features: %d and %d', async (larger, largerQueries) => {
  const times = (matrix: Matrix, factor: number) => ({
    ...matrix,
    data: matrix.data.map((x: number) => x * factor),
  });
  const [bank, queries] = [draw(900, 16), draw(30, 16, { seed: 2 })];
  const detector = await fitKnn({ features: times(bank, larger) }, { k: 9, threads: 1 });
  const scores = await detector.score({ features: times(queries, largerQueries) });
  await detector.close();
  exactDistances(bank, queries, 9).forEach((distance, row) => {
    expect(Math.abs(scores[row]! - distance)).toBeLessThanOrEqual(1e-6);
  });
});

it('NNGuide weighs neighbors as its formula, across blocks', async () => {
  const bank = draw(5003, 5);
  const logits = draw(5003, 3, { seed: 3 });
  const queries = { features: draw(20, 5, { seed: 4 }), logits: draw(20, 3, { seed: 5 }) };
  const detector = await fitNnguide({ features: bank, logits }, { k: 10, threads: 1 });
  const scores = await detector.score(queries);
  await detector.close();
  const rowsOf = ({ rows, cols, data }: Matrix) =>
    Array.from({ length: rows }, (_, row) => Array.from(data.subarray(row * cols, (row + 1) * cols)));
  const energy = (row: number[]) => Math.log(row.reduce((sum, x) => sum + Math.exp(x), 0));
  const unit = (row: number[]) => row.map(x => x / Math.hypot(...row));
  const energies = rowsOf(logits).map(energy);
  const held = rowsOf(bank).map(unit);
  const askedLogits = rowsOf(queries.logits);
  rowsOf(queries.features)
    .map(unit)
    .forEach((query, row) => {
      const guided = held.map((own, i) => energies[i]! * own.reduce((sum, x, c) => sum + x * query[c]!, 0));
      const top = guided.sort((a, b) => b - a).slice(0, 10);
      const expected = (-energy(askedLogits[row]!) * top.reduce((sum, x) => sum + x, 0)) / 10;
      expect(scores[row]).toBeCloseTo(expected, 9);
    });
});

const similarity = fc.oneof(fc.float({ noNaN: true, min: -2, max: 2 }), fc.constantFrom(-1, 0, 0.5, 1));

it('the n-th largest is that of the sorted list', () => {
  fc.assert(
    fc.property(fc.array(similarity, { minLength: 1, maxLength: 200 }), fc.nat(), (list, at) => {
      const n = 1 + (at % list.length);
      expect(nthLargest(Float32Array.from(list), n)).toBe(Float32Array.from(list).sort()[list.length - n]);
    }),
  );
});

it.each([
  ['several groups for each number wanted', 40, 3],
  ['as many groups as numbers wanted', 12, 12],
  ['fewer groups than numbers wanted', 3, 12],
  ['fewer numbers than wanted', 1, 40],
])('a search of a block keeps the largest numbers and where they are: %s', async (_what, groups, wanted) => {
  const search = openBlockSearch(1, { threads: 1 });
  const numbers = fc.array(similarity, { minLength: groups * GROUP, maxLength: (groups + 1) * GROUP });
  await fc.assert(
    fc.asyncProperty(numbers, async list => {
      const block = { rows: Float32Array.from(list), scales: new Float32Array(list.length).fill(1) };
      const { kept, similarities, rows } = await search.run(Float32Array.of(1, -2), block, wanted);
      expect(kept).toBe(Math.min(wanted, list.length));
      for (const [q, query] of [1, -2].entries()) {
        // + 0: a zero has no sign here.
        const all = block.rows.map(value => query * value + 0);
        const [found, places] = [similarities, rows].map(all => all.subarray(q * kept, (q + 1) * kept));
        expect(Array.from(places!, place => all[place])).toEqual(Array.from(found!, value => value + 0));
        expect(Array.from(all.slice().sort().subarray(-kept))).toEqual(
          Array.from(found!.map(x => x + 0).sort()),
        );
        expect(new Set(places).size).toBe(kept);
      }
    }),
  );
  await search.close();
});
