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
