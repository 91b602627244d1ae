import {
  createRandom,
  invertLower,
  symmetricEigenSteps,
  throwIfAborted,
  unitRows,
  yieldToEventLoop,
} from '@ood/core';
import { pivotedCholesky } from './cholesky.ts';
import type { Products } from './products.ts';

/** Beyond this size all eigenvectors cost too long, and subspace iteration takes over. */
const LARGEST_EXACT = 1024;
const MOST_ITERATIONS = 16;
/** Iteration ends when the variance that the directions hold grows by less than this share. */
const SMALLEST_GAIN = 1e-5;

export interface PrincipalDirectionsOptions {
  readonly count: number;
  readonly products: Products;
  readonly signal?: AbortSignal | undefined;
  /** Rows that iteration starts from, where there are as many. Default: random ones. */
  readonly start?: Float64Array | undefined;
  /** Beyond this size directions are iterated. Default: 1024. */
  readonly largestExact?: number;
}

/**
 * An orthonormal basis `[count, dim]`, as rows, of the space of the leading eigenvectors of a symmetric positive
 * semi-definite matrix: exact up to 1024 dimensions, beyond by subspace iteration with the runtime's products, until the
 * variance it holds stands still (of eigenvalues that are almost equal at the cut, it may hold either). Fewer rows than `count`
 * where the matrix has a lower rank.
 */
export async function principalDirections(
  matrix: Float64Array,
  dim: number,
  { count, products, signal, start, largestExact = LARGEST_EXACT }: PrincipalDirectionsOptions,
): Promise<Float64Array> {
  if (dim <= largestExact) {
    return (await leadingEigenvectors(matrix, dim, signal)).slice(0, count * dim);
  }
  const random = createRandom(1);
  let basis: Float64Array =
    start?.length === count * dim ? start.slice() : Float64Array.from({ length: count * dim }, random.normal);
  let held = 0;
  for (let i = 0; i < MOST_ITERATIONS; i++) {
    throwIfAborted('fit', signal);
    basis = await orthonormalize(await products.multiply(basis, matrix, dim), dim, products);
    const variance = await varianceHeld(basis, matrix, dim, products);
    if (variance - held <= SMALLEST_GAIN * variance) break;
    held = variance;
  }
  return basis;
}

/** Multiplications between two looks at the signal: some tens of milliseconds. */
const WORK_BETWEEN_PAUSES = 5e7;

async function leadingEigenvectors(
  matrix: Float64Array,
  dim: number,
  signal: AbortSignal | undefined,
): Promise<Float64Array> {
  const steps = symmetricEigenSteps(matrix, dim);
  for (let work = 0; ; ) {
    const step = steps.next();
    if (step.done) return step.value.vectors;
    work += step.value;
    if (work < WORK_BETWEEN_PAUSES) continue;
    work = 0;
    await yieldToEventLoop();
    throwIfAborted('fit', signal);
  }
}

async function varianceHeld(
  basis: Float64Array,
  matrix: Float64Array,
  dim: number,
  products: Products,
): Promise<number> {
  const image = await products.multiply(basis, matrix, dim);
  let variance = 0;
  for (let k = 0; k < basis.length; k++) variance += basis[k]! * image[k]!;
  return variance;
}

/** Rows made orthonormal by the Cholesky factor of their products, twice for accuracy; dependent rows are dropped. */
async function orthonormalize(rows: Float64Array, dim: number, products: Products): Promise<Float64Array> {
  let basis = rows;
  for (let pass = 0; pass < 2; pass++) {
    unitRows({ rows: basis.length / dim, cols: dim, data: basis }, basis);
    const count = basis.length / dim;
    const gram = await products.multiplyTransposed(basis, basis, dim);
    const { lower, rank, pivots } = pivotedCholesky(gram, count);
    const kept = new Float64Array(rank * dim);
    const square = new Float64Array(rank * rank);
    pivots.forEach((row, k) => {
      kept.set(basis.subarray(row * dim, (row + 1) * dim), k * dim);
      square.set(lower.subarray(row * rank, (row + 1) * rank), k * rank);
    });
    basis = await products.multiply(invertLower(square, rank), kept, rank);
  }
  return basis;
}
