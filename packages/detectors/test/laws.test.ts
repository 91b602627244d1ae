import { createRandom } from '@ood/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fitEvidenceScale } from '../src/fusion/evidence-scale.ts';
import { fitMahalanobisFused } from '../src/index.ts';
import { pivotedCholesky } from '../src/linear-algebra/cholesky.ts';
import { openProducts } from '../src/linear-algebra/products.ts';
import { BestSoFar } from '../src/neighbors/best-so-far.ts';
import { goldenProblem } from './golden-problem.ts';

it('the best so far are the largest of any stream', () => {
  const number = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ noNaN: true, min: -1e9, max: 1e9 }));
  fc.assert(
    fc.property(
      fc.array(number, { minLength: 1, maxLength: 300 }),
      fc.integer({ min: 1, max: 40 }),
      (values, size) => {
        const best = new BestSoFar(size);
        values.forEach((value, index) => {
          if (value > best.threshold) best.add(value, index);
        });
        const { values: found, indices } = best.found();
        const descending = (list: ArrayLike<number>) => Array.from(list).sort((a, b) => b - a);
        expect(descending(found).map(value => value + 0)).toEqual(
          descending(values)
            .slice(0, size)
            .map(value => value + 0),
        );
        expect(Array.from(indices, index => values[index])).toEqual([...found]);
      },
    ),
  );
});

it('a pivoted factor times its transpose is the matrix, whatever its rank', () => {
  const rows = fc.array(
    fc.array(fc.double({ noNaN: true, min: -10, max: 10 }), { minLength: 5, maxLength: 5 }),
    {
      minLength: 1,
      maxLength: 8,
    },
  );
  fc.assert(
    fc.property(rows, data => {
      const matrix = new Float64Array(25);
      for (const row of data) {
        for (let at = 0; at < 25; at++) matrix[at]! += row[Math.floor(at / 5)]! * row[at % 5]!;
      }
      const { lower, rank } = pivotedCholesky(matrix, 5);
      expect(rank).toBeLessThanOrEqual(Math.min(5, data.length));
      const largest = Math.max(...matrix, 1e-300);
      for (let i = 0; i < 5; i++) {
        for (let j = 0; j < 5; j++) {
          let sum = 0;
          for (let k = 0; k < rank; k++) sum += lower[i * rank + k]! * lower[j * rank + k]!;
          expect(Math.abs(sum - matrix[i * 5 + j]!)).toBeLessThanOrEqual(1e-9 * largest);
        }
      }
    }),
  );
});

it.each([1, 7, 128, 300, 513, 1500])(
  'a sum of Gram matrices of %d columns is that of all rows',
  async dim => {
    const products = openProducts({ threads: 1 });
    const { uniform: random } = createRandom(dim);
    const blocks = [3, 1, 5].map(rows => Float64Array.from({ length: rows * dim }, () => random() - 0.5));
    const sum = products.gramSum(dim);
    for (const block of blocks) await sum.add(block, block.length / dim);
    const total = sum.total();
    await products.close();
    const all = blocks.flatMap(block => [...block]);
    let worst = 0;
    for (let i = 0; i < dim; i++) {
      for (let j = 0; j < dim; j++) {
        let expected = 0;
        for (let row = 0; row < 9; row++) expected += all[row * dim + i]! * all[row * dim + j]!;
        worst = Math.max(worst, Math.abs(total[i * dim + j]! - expected));
      }
    }
    expect(worst).toBeLessThan(1e-14);
  },
);

it('evidence never falls with the score, starts at 0 and has no end', () => {
  const scores = fc.array(fc.double({ noNaN: true, min: -1e3, max: 1e3 }), { minLength: 30, maxLength: 200 });
  fc.assert(
    fc.property(
      scores.filter(list => new Set(list).size > 5),
      list => {
        const { knots, widths, slopes } = fitEvidenceScale(Float64Array.from(list));
        expect(slopes.every(slope => slope >= 0)).toBe(true);
        expect(widths.every(width => width > 0)).toBe(true);
        expect(knots[0]).toBe(Math.min(...list));
        expect(slopes[slopes.length - 1]).toBeGreaterThan(0);
      },
    ),
  );
});

it('a confident logit never lowers the alarm of the density', async () => {
  const { train, ood } = goldenProblem;
  const detector = await fitMahalanobisFused(train);
  const scores = await detector.score(ood);
  // The same rows with the predicted class's logit raised: less doubt, the same features.
  const { rows, cols, data } = ood.logits;
  const confident = data.slice();
  for (let row = 0; row < rows; row++) {
    const own = data.subarray(row * cols, (row + 1) * cols);
    confident[row * cols + own.indexOf(Math.max(...own))]! += 50;
  }
  const again = await detector.score({ ...ood, logits: { rows, cols, data: confident } });
  const doubtless = { ...ood, logits: { rows, cols, data: confident.map(value => value * 1e3) } };
  const floor = await detector.score(doubtless);
  again.forEach((score, i) => {
    expect(score).toBeLessThanOrEqual(scores[i]! + 1e-9);
    expect(score).toBeCloseTo(floor[i]!, 6);
  });
  // What is left is the density's own alarm, and it still tells these rows from ID rows.
  const id = await detector.score(goldenProblem.id);
  const median = (list: Float64Array) => list.slice().sort()[list.length >> 1]!;
  expect(median(floor)).toBeGreaterThan(median(id));
  await detector.close();
});
