import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitKnn, fitNnguide, type Matrix } from '../src/index.ts';
import { BestSoFar } from '../src/neighbours/best-so-far.ts';
import { nthLargest } from '../src/neighbours/nth-largest.ts';
import { lowerBound, scanBlock } from '../src/neighbours/scan.ts';
import { GROUP } from '../src/neighbours/similarities.ts';
import { seededRandom } from '../src/statistics/random.ts';

/** Features as behind a ReLU, in steps of `step` where ties are wanted. */
function draw(rows: number, cols: number, { seed = 1, step = 0, wide = false } = {}): Matrix {
  const random = seededRandom(seed);
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
    const squares = held.map(row => row.reduce((sum, x, i) => sum + (x - query[i]) ** 2, 0));
    return Math.sqrt(squares.sort((a, b) => a - b)[k - 1]);
  });
}

describe('KNN finds the k-th nearest row exactly', () => {
  it.each([
    ['of a bank of several blocks and a rest', draw(9001, 6), 50],
    ['of a bank of whole groups', draw(4096, 6), 7],
    ['with more neighbours than groups', draw(3000, 6), 700],
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
      expect(Math.abs(scores[row] - distance)).toBeLessThanOrEqual(1e-9);
    });
  });
});

it('NNGuide weighs neighbours as its formula, across blocks', async () => {
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
      const guided = held.map((own, i) => energies[i] * own.reduce((sum, x, c) => sum + x * query[c], 0));
      const top = guided.sort((a, b) => b - a).slice(0, 10);
      const expected = (-energy(askedLogits[row]) * top.reduce((sum, x) => sum + x, 0)) / 10;
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

it('scanning by groups keeps what scanning by rows keeps', () => {
  const groups = fc.integer({ min: 1, max: 12 });
  fc.assert(
    fc.property(
      groups,
      fc.integer({ min: 1, max: 40 }),
      fc.infiniteStream(similarity),
      (count, wanted, values) => {
        const all = Float32Array.from({ length: count * GROUP }, () => values.next().value!);
        const largest = Float32Array.from({ length: count }, (_, g) =>
          Math.max(...all.subarray(g * GROUP, (g + 1) * GROUP)),
        );
        const kept = (similarities: { all: Float32Array; largest?: Float32Array }) => {
          const best = new BestSoFar(wanted);
          const block = { queries: 1, count: all.length, first: 0, wanted };
          scanBlock([best], similarities, block);
          return Array.from(best.found().values)
            .sort((a, b) => b - a)
            .slice(0, wanted);
        };
        expect(kept({ all, largest })).toEqual(kept({ all }));
        expect(all.filter(value => value > lowerBound(largest, wanted)).length).toBeGreaterThanOrEqual(
          Math.min(wanted, count),
        );
      },
    ),
  );
});
