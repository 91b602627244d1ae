import * as tf from '@tensorflow/tfjs';
import { splitColumns } from './split-columns.ts';

/** A strictly upper triangular matrix in block rows: square blocks on the diagonal and all that is right of each. */
export interface TriangularBlocks {
  /** `[size, size]`; only what is strictly above the diagonal counts. */
  readonly diagonal: readonly tf.Tensor2D[];
  /** `[size, dim − end]` of all block rows but the last. */
  readonly rest: readonly tf.Tensor2D[];
}

/** How `dim` rows fall into `count` block rows of almost equal size. */
export function blockSizes(dim: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => Math.floor((dim + i) / count)).reverse();
}

/**
 * `addends` plus x Nᵀ for N strictly upper (`'upper'`), or x N for the same storage read as the strictly lower Nᵀ
 * (`'lower'`): products of blocks, so that the zero half costs nothing beyond the diagonal blocks. All in pieces, the
 * columns of one block row each; a product that begins with its addend is one operation in a recorded graph.
 */
export function addTriangularProduct(
  addends: readonly tf.Tensor2D[],
  pieces: readonly tf.Tensor2D[],
  { diagonal, rest }: TriangularBlocks,
  side: 'upper' | 'lower',
): tf.Tensor2D[] {
  const sizes = diagonal.map(block => block.shape[0]);
  const sums = addends.map((addend, i) => {
    const product = tf.matMul(pieces[i]!, strictlyUpper(diagonal[i]!), false, side === 'upper');
    return tf.add(addend, product) as tf.Tensor2D;
  });
  for (const [i, block] of rest.entries()) {
    if (side === 'upper') {
      const right = pieces.slice(i + 1);
      const joined = right.length === 1 ? right[0]! : tf.concat([...right], 1);
      sums[i] = tf.add(sums[i]!, tf.matMul(joined, block, false, true));
    } else {
      const below = splitColumns(tf.matMul(pieces[i]!, block), sizes.slice(i + 1));
      for (const [j, part] of below.entries()) sums[i + 1 + j] = tf.add(sums[i + 1 + j]!, part);
    }
  }
  return sums;
}

/** Solves x + x N(ᵀ) = y for x by block substitution; see {@link addTriangularProduct} for what N is. */
export function solveUnitTriangular(
  y: tf.Tensor2D,
  { diagonal, rest }: TriangularBlocks,
  side: 'upper' | 'lower',
): tf.Tensor2D {
  const sizes = diagonal.map(block => block.shape[0]);
  const right = splitColumns(y, sizes);
  const last = sizes.length - 1;
  if (side === 'upper') {
    let solved: tf.Tensor2D | undefined;
    for (let i = last; i >= 0; i--) {
      const known = solved ? tf.sub(right[i]!, tf.matMul(solved, rest[i]!, false, true)) : right[i]!;
      const piece = solveWithin(known as tf.Tensor2D, strictlyUpper(diagonal[i]!), 'upper');
      solved = solved ? tf.concat([piece, solved], 1) : piece;
    }
    return solved!;
  }
  const solved: tf.Tensor2D[] = [];
  for (let i = 0; i <= last; i++) {
    const piece = solveWithin(right[i]!, strictlyUpper(diagonal[i]!), 'lower');
    solved.push(piece);
    if (i === last) break;
    const below = splitColumns(tf.matMul(piece, rest[i]!), sizes.slice(i + 1));
    for (const [j, part] of below.entries()) right[i + 1 + j] = tf.sub(right[i + 1 + j]!, part);
  }
  return tf.concat(solved, 1);
}

/** Below this size (I + N)⁻¹ is the finite product (I − N)(I + N²)(I + N⁴): N⁸ = 0. */
const LEAF = 8;

function solveWithin(y: tf.Tensor2D, block: tf.Tensor2D, side: 'upper' | 'lower'): tf.Tensor2D {
  const size = block.shape[0];
  const times = (x: tf.Tensor2D, matrix: tf.Tensor2D) =>
    tf.matMul(x, matrix, false, side === 'upper') as tf.Tensor2D;
  if (size <= LEAF) {
    const square = tf.matMul(block, block) as tf.Tensor2D;
    const fourth = tf.matMul(square, square) as tf.Tensor2D;
    const a = tf.add(y, times(y, fourth)) as tf.Tensor2D;
    const b = tf.add(a, times(a, square)) as tf.Tensor2D;
    return tf.sub(b, times(b, block));
  }
  const half = Math.ceil(size / 2);
  const [top, bottom] = tf.split(block, [half, size - half], 0) as [tf.Tensor2D, tf.Tensor2D];
  const [first, corner] = tf.split(top, [half, size - half], 1) as [tf.Tensor2D, tf.Tensor2D];
  const second = tf.slice(bottom, [0, half], [size - half, size - half]);
  const [left, right] = tf.split(y, [half, size - half], 1) as [tf.Tensor2D, tf.Tensor2D];
  if (side === 'upper') {
    const end = solveWithin(right, second, side);
    return tf.concat([solveWithin(tf.sub(left, times(end, corner)), first, side), end], 1);
  }
  const start = solveWithin(left, first, side);
  return tf.concat([start, solveWithin(tf.sub(right, times(start, corner)), second, side)], 1);
}

/** The block with its diagonal and what is below set to zero. */
function strictlyUpper(block: tf.Tensor2D): tf.Tensor2D {
  const index = tf.range(0, block.shape[0]);
  return tf.mul(block, tf.step(tf.sub(tf.expandDims(index, 0), tf.expandDims(index, 1))));
}
