import { createRandom, product, transpose } from '@ood/core';
import { nodeRuntime } from '@ood/onnx/node';
import { describe, expect, it } from 'vitest';
import { leadingDirections } from '../src/linear-algebra/leading-directions.ts';
import { luFactors } from '../src/linear-algebra/lu-factors.ts';
import { gramMatrix } from '../src/linear-algebra/matrix-products.ts';
import { randomOrthogonal } from '../src/linear-algebra/random-orthogonal.ts';
import { normalArray } from '../src/random.ts';

const identity = (dim: number) =>
  Float64Array.from({ length: dim * dim }, (_, i) => (i % (dim + 1) === 0 ? 1 : 0));

function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let worst = 0;
  for (let i = 0; i < a.length; i++) worst = Math.max(worst, Math.abs(a[i]! - b[i]!));
  return a.length === b.length ? worst : Number.NaN;
}

/** A random covariance with eigenvalues from 1 down to 1/dim². */
function covariance(dim: number) {
  const q = randomOrthogonal(dim, createRandom(dim));
  const values = Float64Array.from({ length: dim }, (_, i) => 1 / (i + 1) ** 2);
  const scaled = q.map((entry, at) => entry * values[at % dim]!);
  return { matrix: product(scaled, transpose(q, dim), dim), values, q };
}

describe.each([1, 2, 3, 8, 33])('in %i dimensions', dim => {
  it('a random orthogonal matrix has orthonormal rows', () => {
    const q = randomOrthogonal(dim, createRandom(4));
    expect(distance(product(q, transpose(q, dim), dim), identity(dim))).toBeLessThan(1e-12);
  });

  it('P L U is the matrix again', () => {
    const q = Float64Array.from(normalArray(dim * dim, createRandom(5)));
    const { packed, rows } = luFactors(q, dim);
    const lower = packed.map((v, at) => (at % dim < Math.floor(at / dim) ? v : at % (dim + 1) === 0 ? 1 : 0));
    const upper = packed.map((v, at) => (at % dim >= Math.floor(at / dim) ? v : 0));
    const again = product(lower, upper, dim);
    for (const [i, row] of rows.entries()) {
      expect(distance(again.slice(i * dim, (i + 1) * dim), q.slice(row * dim, (row + 1) * dim))).toBeLessThan(
        1e-12,
      );
    }
  });
});

it('subspace iteration finds the leading directions', async () => {
  const dim = 40;
  const { matrix, q } = covariance(dim);
  const basis = await leadingDirections(matrix, dim, {
    count: 5,
    rng: createRandom(1),
    runtime: nodeRuntime,
  });
  expect(distance(product(basis, transpose(basis, 5, dim), dim), identity(5))).toBeLessThan(1e-6);
  for (let j = 0; j < 5; j++) {
    const direction = Float64Array.from({ length: dim }, (_, i) => q[i * dim + j]!);
    const shares = product(basis, direction, dim);
    expect(shares.reduce((sum, share) => sum + share * share, 0)).toBeGreaterThan(0.999);
  }
});

it('Gram matrices add up over slices of rows', async () => {
  const data = normalArray(5000 * 3, createRandom(2));
  const wanted = product(transpose(Float64Array.from(data), 5000, 3), Float64Array.from(data), 5000);
  expect(distance(await gramMatrix(data, 3, nodeRuntime), wanted)).toBeLessThan(1e-2);
});
