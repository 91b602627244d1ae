import {
  type AttributeValue,
  encodeModel,
  makeGraph,
  makeModel,
  makeNode,
  type NodeProto,
  type Tensor,
  type TensorInfo,
} from '@ood/onnx';

/** Reproducible numbers from -1 to 1. */
export function random(dims: readonly number[], seed: number): Extract<Tensor, { type: 'float32' }> {
  let state = seed;
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state / 2 ** 31;
  };
  const count = dims.reduce((product, dim) => product * dim, 1);
  return { type: 'float32', dims, data: Float32Array.from({ length: count }, next) };
}

export interface ModelParts {
  readonly nodes: readonly NodeProto[];
  readonly initializers?: Readonly<Record<string, Tensor>>;
  readonly inputs?: readonly TensorInfo[];
  readonly outputs?: readonly (string | TensorInfo)[];
  readonly opset?: number;
  /** Versions of further operator sets by domain. */
  readonly opsets?: Readonly<Record<string, number>>;
}

export const image: TensorInfo = { name: 'image', type: 'float32', dims: ['batch', 3, 8, 8] };
export const vector: TensorInfo = { name: 'x', type: 'float32', dims: ['batch', 6] };

/** Bytes of a model with the given parts; outputs are `y` unless named. */
export function modelOf(parts: ModelParts): Uint8Array {
  const { nodes, initializers = {}, inputs = [vector], outputs = ['y'], opset = 17, opsets = {} } = parts;
  const declared = outputs.map(output =>
    typeof output === 'string' ? { name: output, type: 'float32' as const, dims: [null, null] } : output,
  );
  const graph = makeGraph('test', { inputs, outputs: declared, nodes, initializers });
  return encodeModel(makeModel(graph, { opset, opsets }));
}

export function node(
  opType: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Readonly<Record<string, AttributeValue>> = {},
): NodeProto {
  return makeNode(opType, { inputs, outputs, attributes });
}

/** relu(x · H): features `f` `[batch, 5]` of a vector. */
export const body = {
  nodes: [node('MatMul', ['x', 'H'], ['h']), node('Relu', ['h'], ['f'])],
  initializers: { H: random([6, 5], 1) },
};

/** relu(conv(image)): a map `m` `[batch, 4, 8, 8]`. */
export const trunk = {
  nodes: [
    node('Conv', ['image', 'K'], ['c'], { kernel_shape: [3n, 3n], pads: [1n, 1n, 1n, 1n] }),
    node('Relu', ['c'], ['m']),
  ],
  initializers: { K: random([4, 3, 3, 3], 2) },
};
