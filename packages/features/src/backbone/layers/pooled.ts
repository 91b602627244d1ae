import {
  type AttributeValue,
  freeName,
  graphOf,
  type ModelProto,
  makeNode,
  type NodeProto,
  type Tensor,
  tensorNames,
} from '@ood/onnx';
import type { LayerPooling } from '../backbone.ts';

/** Nodes and constants to be appended to a model, under names that it does not use. */
export interface NodeBuilder {
  readonly nodes: NodeProto[];
  readonly initializers: Record<string, Tensor>;
  /** Adds a node. @returns its output, named like `wanted` or after the operator */
  add(
    opType: string,
    inputs: readonly string[],
    attributes?: Readonly<Record<string, AttributeValue>>,
    wanted?: string,
  ): string;
  /** Adds a constant. @returns its name */
  constant(name: string, value: Tensor): string;
}

export function nodeBuilder(model: ModelProto): NodeBuilder {
  const taken = tensorNames(graphOf(model));
  const fresh = (wanted: string): string => {
    const name = freeName(taken, wanted);
    taken.add(name);
    return name;
  };
  const nodes: NodeProto[] = [];
  const initializers: Record<string, Tensor> = {};
  return {
    nodes,
    initializers,
    add(opType, inputs, attributes = {}, wanted = `ood.${opType.toLowerCase()}`) {
      const output = fresh(wanted);
      nodes.push(makeNode(opType, { inputs, outputs: [output], attributes }));
      return output;
    },
    constant(wanted, value) {
      const name = fresh(`ood.${wanted}`);
      initializers[name] = value;
      return name;
    },
  };
}

/** Nodes that make vectors `[batch, d]` of a tensor. @returns their output */
export function pooled(
  tensor: string,
  { rank, pooling }: { readonly rank: number; readonly pooling: LayerPooling },
  { add, constant }: NodeBuilder,
): string {
  const transposed = (...perm: bigint[]) => add('Transpose', [tensor], { perm });
  const mean = (map: string) => add('Flatten', [add('GlobalAveragePool', [map])]);
  if (rank === 2) return tensor;
  if (rank === 3 && pooling === 'cls') {
    const first = constant('first', { type: 'int64', dims: [], data: BigInt64Array.of(0n) });
    return add('Gather', [tensor, first], { axis: 1n });
  }
  // Tokens as width: works alike in every opset, unlike ReduceMean.
  if (rank === 3 && pooling === 'mean') return mean(transposed(0n, 2n, 1n));
  if (rank === 3 && pooling === 'mean-channels-first') return mean(tensor);
  if (rank === 4 && pooling === 'mean-channels-last') return mean(transposed(0n, 3n, 1n, 2n));
  if (rank === 4 && pooling === 'mean') return mean(tensor);
  return add('Flatten', [tensor]);
}
