/** Element types of recorded values: those of tfjs, and `int64` for ONNX's shape arguments. */
export type ValueType = 'float32' | 'int32' | 'bool' | 'int64';

/** A dimension which is `scale · batch + offset`. */
interface BatchDim {
  readonly scale: number;
  readonly offset: number;
}

/** A dimension of a value: fixed, or a function of the batch size. */
export type Dim = number | BatchDim;

export type ConstantData = Float32Array | Int32Array | Uint8Array | BigInt64Array;

/** An edge of the graph. `D` is `number` while recording and `Dim` once the batch is symbolic. */
export interface Value<D = Dim> {
  readonly id: number;
  readonly type: ValueType;
  readonly shape: readonly D[];
  /** Present when the value is known: a constant of the graph. */
  readonly data?: ConstantData;
  /** Set on constants that the caller named. */
  readonly name?: string;
}

/** An ONNX attribute: an integer, a list of integers, a string or (wrapped, to tell it from an integer) a float. */
export type Attribute = number | readonly number[] | string | { readonly float: number };

/** An ONNX node. `axes` of reductions is always kept as an attribute; the encoder places it where the opset wants it. */
export interface Node<D = Dim> {
  readonly operator: string;
  readonly inputs: readonly Value<D>[];
  readonly outputs: readonly Value<D>[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

export interface Port<D = Dim> {
  readonly name: string;
  readonly value: Value<D>;
}

/** A graph in execution order. Constants are values with `data`, reached from nodes and outputs. */
export interface Graph<D = Dim> {
  readonly inputs: readonly Port<D>[];
  readonly outputs: readonly Port<D>[];
  readonly nodes: readonly Node<D>[];
}
