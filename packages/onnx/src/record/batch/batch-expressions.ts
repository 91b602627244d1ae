import type { Attribute, Dim, Node, Value, ValueType } from '../graph/graph.ts';
import { typedData } from '../graph/graph-builder.ts';
import type { BatchFormula } from './fit.ts';

/** Computes numbers and shapes from the batch size inside the graph; equal expressions are computed once. */
export class BatchExpressions {
  readonly nodes: Node[] = [];
  readonly #cache = new Map<string, Value>();
  readonly #source: Value;
  readonly #axis: number;
  #nextId: number;

  /** @param source a graph input whose dimension `axis` is the batch. */
  constructor(source: Value, axis: number, firstId: number) {
    this.#source = source;
    this.#axis = axis;
    this.#nextId = firstId;
  }

  /** A rank-1 `int64` value whose elements are fixed or `scale · batch + offset`. */
  shape(dims: readonly Dim[]): Value {
    return this.#cached(`shape ${JSON.stringify(dims)}`, () => {
      const parts: Value[] = [];
      let fixed: number[] = [];
      const flush = () => {
        if (fixed.length > 0) parts.push(this.#constant(fixed, 'int64', [fixed.length]));
        fixed = [];
      };
      for (const dim of dims) {
        if (typeof dim === 'number') fixed.push(dim);
        else {
          flush();
          parts.push(this.#affine(this.#size([1]), dim.scale, dim.offset));
        }
      }
      flush();
      return parts.length === 1
        ? parts[0]!
        : this.#node('Concat', parts, 'int64', [dims.length], { axis: 0 });
    });
  }

  /** A rank-0 number that follows `formula`. */
  number(formula: BatchFormula, type: ValueType): Value {
    return this.#cached(`number ${type} ${JSON.stringify(formula)}`, () => {
      const float = formula.of === 'identity' && type === 'int32' ? 'int32' : 'float32';
      const size = this.#cached(`size ${float}`, () =>
        this.#node('Cast', [this.#size([])], float, [], { to: float }),
      );
      let value = this.#affine(size, formula.scale, formula.offset);
      if (formula.of === 'log') value = this.#node('Log', [value], float, []);
      if (formula.of === 'sqrt' || formula.of === 'reciprocal-sqrt')
        value = this.#node('Sqrt', [value], float, []);
      if (formula.of === 'reciprocal' || formula.of === 'reciprocal-sqrt') {
        value = this.#node('Reciprocal', [value], float, []);
      }
      return formula.sign < 0 ? this.#node('Neg', [value], float, []) : value;
    });
  }

  #size(shape: readonly number[]): Value {
    return this.#cached(`size [${shape}]`, () => {
      const rank = this.#source.shape.length;
      const all = this.#cached('dims', () => this.#node('Shape', [this.#source], 'int64', [rank]));
      return this.#node('Gather', [all, this.#constant([this.#axis], 'int64', shape)], 'int64', shape, {
        axis: 0,
      });
    });
  }

  #affine(size: Value, scale: number, offset: number): Value {
    const { type, shape } = size;
    const scaled =
      scale === 1 ? size : this.#node('Mul', [size, this.#constant([scale], type, shape)], type, shape);
    return offset === 0
      ? scaled
      : this.#node('Add', [scaled, this.#constant([offset], type, shape)], type, shape);
  }

  #constant(numbers: readonly number[], type: ValueType, shape: readonly Dim[]): Value {
    return { id: this.#nextId++, type, shape, data: typedData(numbers, type) };
  }

  #node(
    operator: string,
    inputs: readonly Value[],
    type: ValueType,
    shape: readonly Dim[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ): Value {
    const output: Value = { id: this.#nextId++, type, shape };
    this.nodes.push({ operator, inputs, outputs: [output], attributes });
    return output;
  }

  #cached(key: string, make: () => Value): Value {
    const known = this.#cache.get(key);
    if (known) return known;
    const value = make();
    this.#cache.set(key, value);
    return value;
  }
}
