import { type GraphProto, makeGraph, makeNode, type NodeProto, type Tensor } from '@ood/onnx';
import type { NumericArray } from '../contract/method.ts';

/** A tensor of a formula. */
export interface Value {
  readonly name: string;
}

/** float64 to score, float32 to export: the same formula for both. */
export type Precision = 'float64' | 'float32';

/**
 * Writes a score as an ONNX graph, one operator per call. Reductions go along the last axis and keep it at size 1;
 * shapes broadcast as in numpy.
 */
export class Formula {
  readonly precision: Precision;
  readonly #nodes: NodeProto[] = [];
  readonly #constants: Record<string, Tensor> = {};
  #count = 0;

  constructor(precision: Precision) {
    this.precision = precision;
  }

  constant(value: number | NumericArray): Value {
    const { shape, data } = typeof value === 'number' ? { shape: [], data: [value] } : value;
    const dims = [...shape];
    return this.#initializer(
      this.precision === 'float64'
        ? { type: 'float64', dims, data: Float64Array.from(data) }
        : { type: 'float32', dims, data: Float32Array.from(data) },
    );
  }

  add = (a: Value, b: Value | number): Value => this.#binary('Add', a, b);
  subtract = (a: Value, b: Value | number): Value => this.#binary('Sub', a, b);
  multiply = (a: Value, b: Value | number): Value => this.#binary('Mul', a, b);
  divide = (a: Value, b: Value | number): Value => this.#binary('Div', a, b);
  power = (a: Value, b: number): Value => this.#binary('Pow', a, b);
  atLeast = (a: Value, b: Value | number): Value => this.#binary('Max', a, b);
  atMost = (a: Value, b: Value | number): Value => this.#binary('Min', a, b);
  matMul = (a: Value, b: Value): Value => this.#binary('MatMul', a, b);
  /** 1 where a > b, else 0. */
  greater = (a: Value, b: Value | number): Value => this.#number(this.#binary('Greater', a, b));
  /** 1 where a ≥ b, else 0. */
  greaterOrEqual = (a: Value, b: Value | number): Value => this.#number(this.#binary('GreaterOrEqual', a, b));
  negate = (a: Value): Value => this.#node('Neg', [a]);
  abs = (a: Value): Value => this.#node('Abs', [a]);
  exp = (a: Value): Value => this.#node('Exp', [a]);
  log = (a: Value): Value => this.#node('Log', [a]);
  sqrt = (a: Value): Value => this.#node('Sqrt', [a]);
  softmax = (a: Value): Value => this.#node('Softmax', [a], { axis: -1n });
  sum = (a: Value): Value => this.#node('ReduceSum', [a, this.#integers([-1])]);
  largest = (a: Value): Value => this.#reduce('ReduceMax', a);
  smallest = (a: Value): Value => this.#reduce('ReduceMin', a);
  logSumExp = (a: Value): Value => this.#reduce('ReduceLogSumExp', a);
  sumOfSquares = (a: Value): Value => this.sum(this.multiply(a, a));
  norm = (a: Value): Value => this.sqrt(this.sumOfSquares(a));

  /** `whenTrue` where the 0/1 `condition` is 1. */
  select(condition: Value, whenTrue: Value | number, whenFalse: Value | number): Value {
    const bool = this.#node('Cast', [condition], { to: 9n });
    return this.#node('Where', [bool, this.#value(whenTrue), this.#value(whenFalse)]);
  }

  /** The `count` largest numbers of each row in descending order, at most as many as there are. */
  topValues(a: Value, count: number): Value {
    return this.#top(a, count).values;
  }

  /** Rows of a constant `[rows, d]`, that of the `rank`-th largest element (from 1) of each row of `scores` `[batch, rows]`. */
  rowOfRank(table: Value, scores: Value, rank: number): Value {
    const { indices } = this.#top(scores, rank);
    const last = this.#node('Gather', [indices, this.#integers([rank - 1])], { axis: 1n });
    return this.#node('Gather', [table, this.squeeze(last, -1)], { axis: 0n });
  }

  /** Rows of a constant `[classes, d]`, that of the largest element of each row of `scores` `[batch, classes]`. */
  rowOfLargest(table: Value, scores: Value): Value {
    const index = this.#node('ArgMax', [scores], { axis: -1n, keepdims: 0n });
    return this.#node('Gather', [table, index], { axis: 0n });
  }

  /** `[…]` without its axis 0 or last axis of size 1, or with a new one. */
  squeeze = (a: Value, axis: number): Value => this.#node('Squeeze', [a, this.#integers([axis])]);
  unsqueeze = (a: Value, axis: number): Value => this.#node('Unsqueeze', [a, this.#integers([axis])]);
  transpose = (a: Value, order: readonly number[]): Value =>
    this.#node('Transpose', [a], { perm: order.map(BigInt) });

  /** The graph from inputs `[batch, cols]` to the output `[batch]`, of a score `[batch, 1]`. */
  finish(
    score: Value,
    { inputs, output }: { inputs: readonly { name: string; cols?: number }[]; output: string },
  ): GraphProto {
    const nodes = [
      ...this.#nodes,
      makeNode('Squeeze', { inputs: [score.name, this.#integers([-1]).name], outputs: [output] }),
    ];
    return makeGraph('detector', {
      inputs: inputs.map(({ name, cols }) => ({
        name,
        type: this.precision,
        dims: ['batch', cols ?? `${name}_size`],
      })),
      outputs: [{ name: output, type: this.precision, dims: ['batch'] }],
      nodes,
      initializers: this.#constants,
    });
  }

  #top(a: Value, count: number): { values: Value; indices: Value } {
    const size = this.#node('Slice', [
      this.#node('Shape', [a]),
      this.#integers([-1]),
      this.#integers([Number.MAX_SAFE_INTEGER]),
    ]);
    const k = this.#node('Min', [size, this.#integers([count])]);
    const [values, indices] = [this.#next(), this.#next()];
    this.#nodes.push(
      makeNode('TopK', {
        inputs: [a.name, k.name],
        outputs: [values.name, indices.name],
        attributes: { axis: -1n, largest: 1n, sorted: 1n },
      }),
    );
    return { values, indices };
  }

  #binary(operator: string, a: Value, b: Value | number): Value {
    return this.#node(operator, [a, this.#value(b)]);
  }

  #value(value: Value | number): Value {
    return typeof value === 'number' ? this.constant(value) : value;
  }

  #number(bool: Value): Value {
    return this.#node('Cast', [bool], { to: this.precision === 'float64' ? 11n : 1n });
  }

  #reduce(operator: string, a: Value): Value {
    return this.#node(operator, [a], { axes: [-1n], keepdims: 1n });
  }

  #integers(values: readonly number[]): Value {
    const data = BigInt64Array.from(values, BigInt);
    return this.#initializer({ type: 'int64', dims: [values.length], data });
  }

  #initializer(tensor: Tensor): Value {
    const value = this.#next();
    this.#constants[value.name] = tensor;
    return value;
  }

  #node(
    operator: string,
    inputs: readonly Value[],
    attributes: Record<string, bigint | bigint[]> = {},
  ): Value {
    const output = this.#next();
    const names = inputs.map(({ name }) => name);
    this.#nodes.push(makeNode(operator, { inputs: names, outputs: [output.name], attributes }));
    return output;
  }

  #next(): Value {
    return { name: `detector/${this.#count++}` };
  }
}
