import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createRandom } from '../random/random.ts';
import { cholesky, invertLower, logDiagonal } from './cholesky.ts';
import { product, transpose } from './dense.ts';
import { dot } from './dot.ts';

function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let worst = 0;
  for (let i = 0; i < a.length; i++) worst = Math.max(worst, Math.abs(a[i]! - b[i]!));
  return a.length === b.length ? worst : Number.NaN;
}

it.each([1, 2, 3, 8, 33])(
  'factors in %i dimensions multiply to the matrix, invert and give the determinant',
  size => {
    const { normal } = createRandom(size);
    const factor = new Float64Array(size * size);
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < i; j++) factor[i * size + j] = normal() / size;
      factor[i * (size + 1)] = 1 + i / size;
    }
    const matrix = product(factor, transpose(factor, size), size);
    const lower = cholesky(matrix, size);
    expect(distance(lower, factor)).toBeLessThan(1e-11);
    const one = product(lower, invertLower(lower, size), size);
    for (let i = 0; i < size; i++)
      for (let j = 0; j < size; j++) expect(one[i * size + j]).toBeCloseTo(i === j ? 1 : 0, 10);
    let expected = 0;
    for (let i = 0; i < size; i++) expected += Math.log(1 + i / size);
    expect(logDiagonal(lower, size)).toBeCloseTo(expected, 10);
  },
);

it.each([
  ['SINGULAR_COVARIANCE', Float64Array.of(1, 2, 2, 1)],
  ['SINGULAR_COVARIANCE', new Float64Array(4)],
  ['NON_FINITE', Float64Array.of(1, 0, 0, Number.NaN)],
  ['WRONG_SHAPE', new Float64Array(3)],
] as const)('refuses with %s', (code, matrix) => {
  expect(() => cholesky(matrix, 2)).toThrow(expect.objectContaining({ code }));
});

it('dot is the sum of products of two stretches', () => {
  const numbers = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 8, maxLength: 30 });
  fc.assert(
    fc.property(numbers, numbers, fc.nat(8), fc.nat(8), (a, b, aStart, bStart) => {
      const length = Math.max(0, Math.min(a.length - aStart, b.length - bStart));
      let sum = 0;
      for (let k = 0; k < length; k++) sum += a[aStart + k]! * b[bStart + k]!;
      return dot(Float64Array.from(a), aStart, Float64Array.from(b), bStart, length) === sum;
    }),
  );
});
