import type { NodeBuilder } from './node-builder.ts';
import { pooled } from './pooled.ts';
import type { FoundLayer } from './stage-ends.ts';

/**
 * Length of a further layer beside that of the penultimate features. At 1, distances that take all columns alike see little of the
 * classes; densities that weigh columns by their covariance hardly notice. See docs/results/layers.md.
 */
const SHARE = 0.25;
/** Keeps rows of zeros from silencing what stands beside them. */
const SMALLEST = 1e-6;

/**
 * The nodes that put layers behind the penultimate features f: `[f, ¼ |f| m₁/|m₁|, ¼ |f| m₂/|m₂|, …]`, m the pooled layers. So the
 * head reads f as it was, and a row divided by its norm is the concatenation of unit vectors, the further ones a quarter as long.
 *
 * @param features float32 `[batch, d]`
 * @returns float32 `[batch, d + …]`
 */
export function joinLayers(
  features: string,
  layers: readonly FoundLayer[],
  {
    opset,
    mask,
    builder,
  }: { readonly opset: number; readonly mask?: string | undefined; readonly builder: NodeBuilder },
): string {
  const { add, constant } = builder;
  const square = add('Mul', [features, features]);
  // From opset 13 on the axes of a sum are an input.
  const sum =
    opset >= 13
      ? add('ReduceSum', [square, constant('axis', { type: 'int64', dims: [1], data: BigInt64Array.of(1n) })])
      : add('ReduceSum', [square], { axes: [1n] });
  const smallest = constant('smallest', { type: 'float32', dims: [], data: Float32Array.of(SMALLEST) });
  const share = constant('share', { type: 'float32', dims: [], data: Float32Array.of(SHARE) });
  const length = add('Mul', [add('Add', [add('Sqrt', [sum]), smallest]), share]);
  const parts = layers.map(({ tensor, dims, pooling }) => {
    const vector = add('Cast', [pooled(tensor, { rank: dims.length, pooling, mask }, builder)], { to: 1n });
    return add('Mul', [add('LpNormalization', [vector], { axis: 1n, p: 2n }), length]);
  });
  return add('Concat', [features, ...parts], { axis: 1n });
}
