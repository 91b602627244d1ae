import type { LayerPooling } from '../backbone.ts';
import { poolTokens } from '../pool-tokens.ts';
import type { NodeBuilder } from './node-builder.ts';

/**
 * Nodes that make vectors `[batch, d]` of a tensor.
 *
 * @param options.mask input that says which tokens are real
 * @returns their output
 */
export function pooled(
  tensor: string,
  {
    rank,
    pooling,
    mask,
  }: { readonly rank: number; readonly pooling: LayerPooling; readonly mask?: string | undefined },
  builder: NodeBuilder,
): string {
  const { add } = builder;
  const transposed = (...perm: bigint[]) => add('Transpose', [tensor], { perm });
  const mean = (map: string) => add('Flatten', [add('GlobalAveragePool', [map])]);
  if (rank === 2) return tensor;
  if (rank === 3 && (pooling === 'cls' || pooling === 'mean' || pooling === 'last'))
    return poolTokens(builder, tensor, { pooling, mask });
  if (rank === 3 && pooling === 'mean-channels-first') return mean(tensor);
  if (rank === 4 && pooling === 'mean-channels-last') return mean(transposed(0n, 3n, 1n, 2n));
  if (rank === 4 && pooling === 'mean') return mean(tensor);
  return add('Flatten', [tensor]);
}
