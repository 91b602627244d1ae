import type { Attribute, ConstantData, Node, Value, ValueType } from './graph.ts';
import { broadcast, padRank, sameShape, sizeOf } from './shape.ts';

/**
 * A tensor under recording: the shape tfjs sees, and a graph value that broadcasts to it.
 *
 * Keeping the smaller value makes `ones`, `zeros`, `fill` and `broadcastTo` free: elementwise kernels hand the
 * small value on, and only kernels that need every element (`MatMul`, `Concat` …) call `GraphBuilder.full`.
 */
export interface Symbolic {
  readonly value: Value<number>;
  readonly shape: readonly number[];
}

/** Collects the nodes of one recording, in order. */
export class GraphBuilder {
  readonly nodes: Node<number>[] = [];
  #nextId = 0;

  value(type: ValueType, shape: readonly number[]): Value<number> {
    return { id: this.#nextId++, type, shape };
  }

  constant(data: ConstantData, type: ValueType, shape: readonly number[], name?: string): Value<number> {
    return { id: this.#nextId++, type, shape, data, ...(name === undefined ? {} : { name }) };
  }

  /** A constant of rank 0. */
  scalar(number: number, type: ValueType = 'float32'): Value<number> {
    return this.constant(typedData([number], type), type, []);
  }

  /** A shape argument: a rank-1 `int64` constant. */
  integers(list: readonly number[]): Value<number> {
    return this.constant(typedData(list, 'int64'), 'int64', [list.length]);
  }

  /** Appends a node with one output. */
  node(
    operator: string,
    inputs: readonly Value<number>[],
    type: ValueType,
    shape: readonly number[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ): Value<number> {
    const output = this.value(type, shape);
    this.nodes.push({ operator, inputs, outputs: [output], attributes });
    return output;
  }

  /** Appends a node with several outputs. */
  fork(
    operator: string,
    inputs: readonly Value<number>[],
    outputs: readonly Value<number>[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ): readonly Value<number>[] {
    this.nodes.push({ operator, inputs, outputs, attributes });
    return outputs;
  }

  /** A broadcasting elementwise operator; the result has the type of the first tensor unless `type` is given. */
  elementwise(
    operator: string,
    tensors: readonly Symbolic[],
    type?: ValueType,
    attributes?: Readonly<Record<string, Attribute>>,
  ): Symbolic {
    const shape = tensors.map(t => t.shape).reduce(broadcast);
    const stored = tensors.map(t => t.value.shape).reduce(broadcast);
    const values = tensors.map(t => t.value);
    return { value: this.node(operator, values, type ?? values[0]!.type, stored, attributes), shape };
  }

  /** A number as a tensor, for use with `elementwise`. */
  number(number: number, type: ValueType = 'float32'): Symbolic {
    return { value: this.scalar(number, type), shape: [] };
  }

  cast(tensor: Symbolic, type: ValueType): Symbolic {
    if (tensor.value.type === type) return tensor;
    return {
      value: this.node('Cast', [tensor.value], type, tensor.value.shape, { to: type }),
      shape: tensor.shape,
    };
  }

  reshape(value: Value<number>, shape: readonly number[]): Value<number> {
    if (sameShape(value.shape, shape)) return value;
    return this.node('Reshape', [value, this.integers(shape)], value.type, shape);
  }

  transpose(value: Value<number>, permutation: readonly number[]): Value<number> {
    if (permutation.every((axis, i) => axis === i)) return value;
    const shape = permutation.map(axis => value.shape[axis]!);
    return this.node('Transpose', [value], value.type, shape, { perm: permutation });
  }

  /** A value with the rank that tfjs sees; broadcast dimensions are still 1. */
  ranked(tensor: Symbolic): Value<number> {
    return this.reshape(tensor.value, padRank(tensor.value.shape, tensor.shape.length));
  }

  /** A value with every element of the tensor. */
  full(tensor: Symbolic): Value<number> {
    if (sizeOf(tensor.value.shape) === sizeOf(tensor.shape)) return this.reshape(tensor.value, tensor.shape);
    return this.node('Expand', [tensor.value, this.integers(tensor.shape)], tensor.value.type, tensor.shape);
  }
}

/** Numbers as the data of a constant. */
export function typedData(numbers: ArrayLike<number>, type: ValueType): ConstantData {
  switch (type) {
    case 'float32':
      return Float32Array.from(numbers);
    case 'int32':
      return Int32Array.from(numbers);
    case 'bool':
      return Uint8Array.from(numbers);
    case 'int64':
      return BigInt64Array.from(Array.from(numbers), BigInt);
  }
}
