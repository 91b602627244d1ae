import { type ModelProto, makeGraph, makeModel, makeNode, type Tensor } from '@ood/onnx';

export function floats(dims: readonly number[], values: readonly number[] | Float32Array): Tensor {
  return { type: 'float32', dims, data: Float32Array.from(values) };
}

export function integers(values: readonly number[]): Tensor {
  return { type: 'int64', dims: [values.length], data: BigInt64Array.from(values, BigInt) };
}

/** y = x·W + b with W [2, 3]. */
export function linearModel(): ModelProto {
  const graph = makeGraph('linear', {
    inputs: [{ name: 'x', type: 'float32', dims: ['batch', 2] }],
    outputs: [{ name: 'y', type: 'float32', dims: ['batch', 3] }],
    nodes: [makeNode('Gemm', { inputs: ['x', 'W', 'b'], outputs: ['y'], name: 'head' })],
    initializers: { W: floats([2, 3], [1, 2, 3, 4, 5, 6]), b: floats([3], [0.5, 0, -0.5]) },
  });
  return makeModel(graph);
}
