import {
  type AttributeValue,
  encodeModel,
  type ModelOptions,
  type ModelProto,
  makeGraph,
  makeModel,
  makeNode,
  type NodeProto,
  type SessionOptions,
  type Tensor,
  type TensorInfo,
} from '@ood/onnx';
import { nodeRuntime } from '@ood/onnx/node';

type FloatTensor = Extract<Tensor, { type: 'float32' }>;

export function floats(dims: readonly number[], values: readonly number[] | Float32Array): FloatTensor {
  return { type: 'float32', dims, data: Float32Array.from(values) };
}

export function integers(values: readonly number[]): Tensor {
  return { type: 'int64', dims: [values.length], data: BigInt64Array.from(values, BigInt) };
}

/** Reproducible numbers from -1 to 1 that a half float holds exactly. */
export function random(dims: readonly number[], seed = 1): FloatTensor {
  let state = seed;
  const count = dims.reduce((product, dim) => product * dim, 1);
  const values = Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return Math.round((256 * state) / 2 ** 31) / 256;
  });
  return floats(dims, values);
}

export function node(
  opType: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Readonly<Record<string, AttributeValue>> = {},
): NodeProto {
  return makeNode(opType, { inputs, outputs, attributes });
}

export interface ModelParts extends ModelOptions {
  readonly nodes: readonly NodeProto[];
  readonly initializers?: Readonly<Record<string, Tensor>>;
  /** Default: `x` `[batch, 2]`. */
  readonly inputs?: readonly TensorInfo[];
  /** Names of float32 outputs, or declarations. Default: `y`. */
  readonly outputs?: readonly (string | TensorInfo)[];
}

export const x: TensorInfo = { name: 'x', type: 'float32', dims: ['batch', 2] };

/** A model with an output of unknown shape. */
export function modelOf({
  nodes,
  initializers = {},
  inputs = [x],
  outputs = ['y'],
  ...options
}: ModelParts): ModelProto {
  const graph = makeGraph('test', { inputs, outputs: [], nodes, initializers });
  const declared = outputs.map(output =>
    typeof output === 'string'
      ? anyShape(output)
      : makeGraph('', { inputs: [output], outputs: [], nodes: [] }).input[0]!,
  );
  return makeModel({ ...graph, output: declared }, options);
}

function anyShape(name: string) {
  const info = makeGraph('', { inputs: [{ name, type: 'float32', dims: [] }], outputs: [], nodes: [] })
    .input[0]!;
  if (info.type?.value.case === 'tensorType') info.type.value.value.shape = undefined;
  return info;
}

/** y = x·W + b with W [2, 3]. */
export function linearModel(): ModelProto {
  const graph = makeGraph('linear', {
    inputs: [x],
    outputs: [{ name: 'y', type: 'float32', dims: ['batch', 3] }],
    nodes: [makeNode('Gemm', { inputs: ['x', 'W', 'b'], outputs: ['y'], name: 'head' })],
    initializers: { W: floats([2, 3], [1, 2, 3, 4, 5, 6]), b: floats([3], [0.5, 0, -0.5]) },
  });
  return makeModel(graph);
}

/** What a model computes, unoptimised unless said otherwise. */
export async function run(
  model: ModelProto,
  feeds: Readonly<Record<string, Tensor>>,
  options: SessionOptions = { optimization: 'disabled' },
): Promise<Record<string, Tensor>> {
  const session = await nodeRuntime.createSession(encodeModel(model), { threads: 1, ...options });
  try {
    return await session.run(feeds);
  } finally {
    await session.close();
  }
}
