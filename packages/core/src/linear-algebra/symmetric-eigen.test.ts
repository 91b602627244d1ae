import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../random/random.ts';
import { product, transpose } from './dense.ts';
import { symmetricEigen, symmetricEigenSteps, symmetricEigenWork } from './symmetric-eigen.ts';

function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let worst = 0;
  for (let i = 0; i < a.length; i++) worst = Math.max(worst, Math.abs(a[i]! - b[i]!));
  return a.length === b.length ? worst : Number.NaN;
}

const identity = (size: number) =>
  Float64Array.from({ length: size * size }, (_, i) => (i % (size + 1) === 0 ? 1 : 0));

/** Rows of V, scaled by λ, against V: Vᵀ Λ V. */
function rebuilt(values: Float64Array, vectors: Float64Array): Float64Array {
  const size = values.length;
  const scaled = vectors.map((entry, at) => entry * values[Math.floor(at / size)]!);
  return product(transpose(vectors, size), scaled, size);
}

function symmetric(size: number, entry: (i: number, j: number) => number): Float64Array {
  const matrix = new Float64Array(size * size);
  for (let i = 0; i < size; i++)
    for (let j = 0; j <= i; j++) matrix[i * size + j] = matrix[j * size + i] = entry(i, j);
  return matrix;
}

const { normal } = createRandom(1);
const matrices: [string, number, Float64Array][] = [
  ...[1, 2, 3, 5, 17, 64].map(
    size => [`random, ${size}`, size, symmetric(size, normal)] as [string, number, Float64Array],
  ),
  ['zero', 4, new Float64Array(16)],
  ['one', 5, identity(5)],
  ['of equal entries', 6, symmetric(6, () => 1)],
  ['of rank 2', 30, symmetric(30, (i, j) => (i + 1) * (j + 1) + (i % 3) * (j % 3))],
  ['graded over 24 decades', 13, symmetric(13, (i, j) => 10 ** (-i - j))],
  ['of tiny entries', 8, symmetric(8, () => normal() * 1e-300)],
  ['of huge entries', 8, symmetric(8, () => normal() * 1e300)],
  ['with clusters of eigenvalues', 9, symmetric(9, (i, j) => (i === j ? 1 + (i % 3) : 1e-14))],
];

describe.each(matrices)('a matrix that is %s', (_, size, matrix) => {
  const largest = matrix.reduce((most, x) => Math.max(most, Math.abs(x)), Number.MIN_VALUE);

  it('is rebuilt from orthonormal eigenvectors, values descending', () => {
    const before = matrix.slice();
    const { values, vectors } = symmetricEigen(matrix, size);
    expect(matrix).toEqual(before);
    const relative = (all: Float64Array) => all.map(x => x / largest);
    expect(distance(relative(rebuilt(values, vectors)), relative(matrix))).toBeLessThan(1e-13 * size);
    expect(distance(product(vectors, transpose(vectors, size), size), identity(size))).toBeLessThan(
      1e-13 * size,
    );
    expect(values).toEqual(values.toSorted().reverse());
  });

  it('has the same values without vectors', () => {
    const { values, vectors } = symmetricEigen(matrix, size, { vectors: false });
    expect(vectors).toBeNull();
    expect(values).toEqual(symmetricEigen(matrix, size).values);
  });
});

it('rebuilds any symmetric matrix of numbers of mixed magnitudes', () => {
  const entry = fc.oneof(fc.double({ noNaN: true, min: -1e3, max: 1e3 }), fc.constantFrom(0, 1, 1e-12, 1e9));
  const square = fc
    .integer({ min: 1, max: 9 })
    .chain(size =>
      fc.tuple(fc.constant(size), fc.array(entry, { minLength: size * size, maxLength: size * size })),
    );
  fc.assert(
    fc.property(square, ([size, entries]) => {
      const matrix = symmetric(size, (i, j) => entries[i * size + j]!);
      const { values, vectors } = symmetricEigen(matrix, size);
      const largest = matrix.reduce((most, x) => Math.max(most, Math.abs(x)), 1);
      return distance(rebuilt(values, vectors), matrix) < 1e-12 * largest;
    }),
  );
});

it.each([true, false])('yields about the work that it announces, with vectors: %s', vectors => {
  const size = 60;
  const matrix = symmetric(size, normal);
  const steps = [...symmetricEigenSteps(matrix, size, { vectors })];
  const total = steps.reduce((sum, work) => sum + work, 0);
  expect(total / symmetricEigenWork(size, { vectors })).toBeGreaterThan(0.8);
  expect(total / symmetricEigenWork(size, { vectors })).toBeLessThan(1.2);
  expect(Math.max(...steps)).toBeLessThan((4 * total) / size);
});

it.each([
  ['WRONG_SHAPE', new Float64Array(5), 2],
  ['WRONG_SHAPE', new Float64Array(1), 1.5],
  ['NON_FINITE', Float64Array.of(1, Number.NaN, 0, 1), 2],
  ['NON_FINITE', Float64Array.of(Number.POSITIVE_INFINITY), 1],
  ['NON_FINITE', new Float64Array(9).fill(1.7e308), 3],
] as const)('refuses with %s', (code, matrix, size) => {
  expect(() => symmetricEigen(matrix, size)).toThrow(expect.objectContaining({ code }));
});
