import type * as tf from '@tensorflow/tfjs';
import type { Symbolic } from '../graph/graph-builder.ts';
import { padRank } from '../graph/shape.ts';
import { type KernelCall, type KernelTable, unsupported } from './kernel.ts';

/** Kernels that change the type, choose, or copy. */
export const selectKernels: KernelTable = {
  Identity: ({ inputs }) => inputs.x!,
  Cast: ({ inputs, attributes, graph }: KernelCall<tf.CastAttrs>) => {
    const { dtype } = attributes;
    if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool') {
      throw unsupported('Cast', 'float32, int32 or bool', dtype);
    }
    return graph.cast(inputs.x!, dtype);
  },
  Select: ({ inputs, graph }) => {
    const { condition, t, e } = inputs as Record<'condition' | 't' | 'e', Symbolic>;
    const choice = graph.cast(condition, 'bool');
    const rows = choice.shape.length === 1 && t.shape.length > 1;
    return graph.elementwise(
      'Where',
      [rows ? alongRows(choice, t.shape.length, graph) : choice, t, e],
      t.value.type,
    );
  },
};

/** A condition of rank 1 chooses whole rows. */
function alongRows(choice: Symbolic, rank: number, graph: KernelCall['graph']): Symbolic {
  const shape = [...padRank(choice.shape, 1), ...Array<number>(rank - 1).fill(1)];
  if (choice.value.shape.length === 0) return { value: choice.value, shape };
  return { value: graph.reshape(graph.full(choice), shape), shape };
}
