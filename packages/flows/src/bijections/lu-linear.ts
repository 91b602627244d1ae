import {
  type DenseArray,
  type Random,
  permutation as randomOrder,
  requireOptions,
  wholeUpTo,
} from '@ood/core';
import * as tf from '@tensorflow/tfjs';
import { array, type NamedTensors, type Shape, type Weights } from '../contract/arrays.ts';
import { type Bijection, defineBijection, requireDimension } from '../contract/bijection.ts';
import { type LuFactors, luFactors } from '../linear-algebra/lu-factors.ts';
import { randomOrthogonal } from '../linear-algebra/random-orthogonal.ts';
import { inversePermutation, permute } from '../operations/permute.ts';
import { joinColumns, splitColumns, splitEntries } from '../operations/split-columns.ts';
import {
  addTriangularProduct,
  blockSizes,
  solveUnitTriangular,
  type TriangularBlocks,
} from '../operations/triangular.ts';

export interface LuLinearOptions {
  /** Block rows of each triangle: more skip more of the zero half, in smaller products. Default: about 256 rows each, 2 to 8. */
  readonly blocks?: number;
}

/**
 * Invertible linear map z = W x (Glow's 1×1 convolution, Kingma and Dhariwal 2018) with W = P (I + L) (U + diag(s)),
 * s = sign · exp(logScale); log-determinant Σ logScale.
 *
 * P and sign are fixed; L and U are strictly triangular. W is never assembled: the triangles are applied as products of
 * blocks, and the inverse is substitution. Starts as a uniformly random rotation.
 *
 * Parameters, for block row i: `upper.i` and `lower.i` (square, only the part strictly above the diagonal counts),
 * `upperRest.i` (what is right of it in U) and `lowerRest.i` (what is below it in L, transposed); L is stored as Lᵀ.
 */
export function luLinear(
  dim: number,
  { blocks = defaultBlocks(dim), ...rest }: LuLinearOptions = {},
): Bijection {
  requireDimension('lu-linear', dim);
  requireOptions('lu-linear', { blocks, ...rest }, { blocks: wholeUpTo(dim) });
  const parameters: Record<string, Shape> = { logScale: [dim] };
  eachBlock(dim, blocks, ({ name, rest, size, after }) => {
    for (const triangle of ['upper', 'lower']) {
      parameters[`${triangle}.${name}`] = [size, size];
      if (rest) parameters[`${triangle}Rest.${name}`] = [size, after];
    }
  });
  return defineBijection({
    kind: 'lu-linear',
    dim,
    options: { dim, blocks },
    parameters,
    constants: { order: [dim], inverse: [dim], sign: [dim] },
    linear: true,
    initialize: rng => rotationWeights(luFactors(randomOrthogonal(dim, rng), dim), blocks, rng),
    forward(weights, x) {
      const { logScale, sign, order, inverse } = weights;
      const upper = triangle(weights, 'upper', blocks);
      const sizes = upper.diagonal.map(block => block.shape[0]);
      const pieces = splitColumns(x, sizes);
      const scales = splitEntries(tf.mul(sign!, tf.exp(logScale!)) as tf.Tensor1D, sizes);
      const scaled = pieces.map((piece, i) => tf.mul(piece, scales[i]!) as tf.Tensor2D);
      const u = addTriangularProduct(scaled, pieces, upper, 'upper');
      const l = addTriangularProduct(u, u, triangle(weights, 'lower', blocks), 'lower');
      return {
        value: permute(joinColumns(l), order as tf.Tensor1D, inverse as tf.Tensor1D),
        logDet: tf.sum(logScale!),
      };
    },
    inverse(weights, z) {
      const { logScale, sign, order, inverse } = weights;
      const l = permute(z, inverse as tf.Tensor1D, order as tf.Tensor1D);
      const u = solveUnitTriangular(l, triangle(weights, 'lower', blocks), 'lower');
      const perRow = tf.mul(sign!, tf.exp(tf.neg(logScale!)));
      const unit = scaleRows(triangle(weights, 'upper', blocks), perRow as tf.Tensor1D);
      return {
        value: solveUnitTriangular(tf.mul(u, perRow) as tf.Tensor2D, unit, 'upper'),
        logDet: tf.neg(tf.sum(logScale!)),
      };
    },
  });
}

/**
 * Weights of an {@link luLinear} that begins as Π Q D, where Q = P L U is given, Π is a random permutation and D random
 * signs: uniformly random again if Q is, for one factorization's price however many maps are made from it.
 */
export function rotationWeights({ dim, packed, rows }: LuFactors, blocks: number, rng: Random): Weights {
  const moved = randomOrder(dim, rng);
  const flips = Float64Array.from({ length: dim }, () => (rng.uniform() < 0.5 ? -1 : 1));
  const at = (i: number, j: number) => packed[i * dim + j]!;
  const parameters: Record<string, DenseArray<Float32Array>> = {
    logScale: array(
      [dim],
      Float32Array.from({ length: dim }, (_, i) => Math.log(Math.abs(at(i, i)))),
    ),
  };
  eachBlock(dim, blocks, ({ name, rest, start, size, after }) => {
    const upper = (i: number, j: number) => at(i, j) * flips[j]!;
    const lower = (i: number, j: number) => at(j, i);
    for (const [triangle, entry] of [['upper', upper] as const, ['lower', lower] as const]) {
      parameters[`${triangle}.${name}`] = fill(size, size, (i, j) =>
        j > i ? entry(start + i, start + j) : 0,
      );
      if (rest)
        parameters[`${triangle}Rest.${name}`] = fill(size, after, (i, j) =>
          entry(start + i, start + size + j),
        );
    }
  });
  const order = inversePermutation(Int32Array.from(rows, row => moved[row]!));
  return {
    parameters,
    constants: {
      order: array([dim], order),
      inverse: array([dim], inversePermutation(order)),
      sign: array(
        [dim],
        Float32Array.from({ length: dim }, (_, i) => Math.sign(at(i, i)) * flips[i]!),
      ),
    },
  };
}

/** Block rows of about 256 rows, 2 to 8 of them. */
export function defaultBlocks(dim: number): number {
  return Math.min(dim, Math.max(2, Math.min(8, Math.round(dim / 256))));
}

interface BlockRow {
  readonly name: string;
  readonly start: number;
  readonly size: number;
  /** Columns behind the block. */
  readonly after: number;
  readonly rest: boolean;
}

function eachBlock(dim: number, blocks: number, visit: (block: BlockRow) => void): void {
  let start = 0;
  for (const [i, size] of blockSizes(dim, blocks).entries()) {
    const after = dim - start - size;
    visit({ name: `${i}`, start, size, after, rest: after > 0 });
    start += size;
  }
}

function triangle(weights: NamedTensors, name: 'upper' | 'lower', blocks: number): TriangularBlocks {
  const named = (prefix: string, count: number) =>
    Array.from({ length: count }, (_, i) => weights[`${prefix}.${i}`] as tf.Tensor2D);
  return { diagonal: named(name, blocks), rest: named(`${name}Rest`, blocks - 1) };
}

function scaleRows({ diagonal, rest }: TriangularBlocks, perRow: tf.Tensor1D): TriangularBlocks {
  let start = 0;
  const pieces = diagonal.map(block => {
    const piece = tf.slice(perRow, [start], [block.shape[0]]);
    start += block.shape[0];
    return tf.expandDims(piece, 1);
  });
  return {
    diagonal: diagonal.map((block, i) => tf.mul(block, pieces[i]!)),
    rest: rest.map((block, i) => tf.mul(block, pieces[i]!)),
  };
}

function fill(rows: number, cols: number, entry: (i: number, j: number) => number): DenseArray<Float32Array> {
  const data = new Float32Array(rows * cols);
  for (let i = 0; i < rows; i++) for (let j = 0; j < cols; j++) data[i * cols + j] = entry(i, j);
  return array([rows, cols], data);
}
