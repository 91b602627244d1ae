import { dot, product, type Random, symmetricEigen, transpose } from '@ood/core';
import type { Runtime } from '@ood/onnx';
import { multiplier } from './matrix-products.ts';

/** Directions beyond those asked for, which speed up convergence (Halko, Martinsson and Tropp 2011). */
const OVERSAMPLING = 16;
const ITERATIONS = 8;

/**
 * The `count` leading eigenvectors of a symmetric positive matrix, nearly: as orthonormal rows `[count, dim]`, by ascending
 * eigenvalue, from subspace iteration out of a random start and a Rayleigh–Ritz step.
 */
export async function leadingDirections(
  matrix: Float64Array,
  dim: number,
  { count, rng, runtime }: { readonly count: number; readonly rng: Random; readonly runtime: Runtime },
): Promise<Float64Array> {
  const tried = Math.min(dim, count + OVERSAMPLING);
  const scale = 1 / matrix.reduce((largest, value) => Math.max(largest, Math.abs(value)), Number.MIN_VALUE);
  const { multiply, close } = await multiplier(
    Float32Array.from(matrix, value => value * scale),
    dim,
    runtime,
  );
  try {
    let basis = Float64Array.from({ length: tried * dim }, () => rng.normal());
    orthonormalize(basis, dim);
    for (let i = 0; i < ITERATIONS; i++) {
      basis = Float64Array.from(await multiply(Float32Array.from(basis)));
      orthonormalize(basis, dim);
    }
    // Once more: a single pass leaves what rounding left.
    orthonormalize(basis, dim);
    const image = Float64Array.from(await multiply(Float32Array.from(basis)));
    const { vectors } = symmetricEigen(product(basis, transpose(image, tried, dim), dim), tried);
    const leading = product(vectors.subarray(0, count * tried), basis, tried);
    return leading.map((_, at) => leading[(count - 1 - Math.floor(at / dim)) * dim + (at % dim)]!);
  } finally {
    await close();
  }
}

/** Makes the rows orthonormal in place (modified Gram–Schmidt, in the order given). */
function orthonormalize(rows: Float64Array, dim: number): void {
  for (let i = 0; i < rows.length; i += dim) {
    const row = rows.subarray(i, i + dim);
    for (let j = 0; j < i; j += dim) {
      const share = dot(rows, i, rows, j, dim);
      for (let k = 0; k < dim; k++) row[k]! -= share * rows[j + k]!;
    }
    const norm = Math.sqrt(dot(rows, i, rows, i, dim));
    if (norm > 1e-200) for (let k = 0; k < dim; k++) row[k]! /= norm;
    else row.fill(0);
  }
}
