import * as tf from '@tensorflow/tfjs';
import { OnnxError } from '../../errors.ts';
import type { Value, ValueType } from '../graph/graph.ts';
import { GraphBuilder, type Symbolic, typedData } from '../graph/graph-builder.ts';

/** The key under which tfjs knows the data of a tensor. */
type DataId = object;

/**
 * The tfjs backend behind a recording: it stores, for every tensor, not numbers but where they come from in the graph.
 *
 * Host values may enter as scalars, as uniform fills (zeros, ones, fill) or inside `declared`; anything else would
 * silently freeze, so `write` refuses it.
 */
export class RecordingBackend extends tf.KernelBackend {
  readonly graph = new GraphBuilder();
  readonly #tensors = new Map<DataId, Symbolic>();
  readonly #captured = new Map<DataId, Symbolic>();
  readonly #readEager: (dataId: DataId) => ArrayLike<number>;
  readonly #references = new Map<DataId, number>();
  #declaring = false;

  constructor(readEager: (dataId: DataId) => ArrayLike<number>) {
    super();
    this.#readEager = readEager;
  }

  /** Makes an eager tensor that the function may have captured stand for a graph value. */
  capture(dataId: DataId, tensor: Symbolic): void {
    this.#captured.set(dataId, tensor);
  }

  /** Runs `create`; host values written meanwhile are constants that the caller means. */
  declared<T>(create: () => T): T {
    const before = this.#declaring;
    this.#declaring = true;
    try {
      return create();
    } finally {
      this.#declaring = before;
    }
  }

  /** A fresh tfjs handle for a symbolic tensor. */
  handle(tensor: Symbolic): tf.TensorInfo {
    const dataId = {};
    this.#tensors.set(dataId, tensor);
    this.#references.set(dataId, 1);
    const dtype = tensor.value.type === 'int64' ? 'int32' : tensor.value.type;
    return { dataId, shape: [...tensor.shape], dtype };
  }

  /** What a kernel argument stands for; `undefined` when it is no tensor of this recording. */
  find(info: tf.TensorInfo): Symbolic | undefined {
    return this.#tensors.get(info.dataId) ?? this.#captured.get(info.dataId);
  }

  /** What a kernel argument stands for. Eager scalars and uniform tensors become constants. */
  symbolic(info: tf.TensorInfo, kernel: string): Symbolic {
    const known = this.find(info);
    if (known) return known;
    const values = this.#readEager(info.dataId);
    const type = valueType(info.dtype, kernel);
    const fill = uniform(values, type, this.graph);
    if (fill) return { value: fill, shape: info.shape };
    throw new OnnxError('FOREIGN_TENSOR', {
      where: `record, kernel '${kernel}'`,
      expected: 'inputs and declared constants',
      got: `an eager ${info.dtype} tensor of shape [${info.shape}] that is neither`,
      advice:
        'declare it in `inputs` or `constants` (the tensor itself may be given there), or make it inside the function ' +
        'with `constant(values, { shape })`',
      details: { kernel, shape: info.shape },
    });
  }

  override write(values: tf.backend_util.BackendValues, shape: number[], dtype: tf.DataType): DataId {
    const type = valueType(dtype, 'write');
    const numbers = values as ArrayLike<number>;
    const value = this.#declaring
      ? (uniform(numbers, type, this.graph) ?? this.graph.constant(typedData(numbers, type), type, shape))
      : uniform(numbers, type, this.graph);
    if (value) return this.handle({ value, shape }).dataId;
    throw new OnnxError('UNDECLARED_CONSTANT', {
      where: 'record',
      expected: 'declared constants',
      got: `a ${dtype} tensor of shape [${shape}] made from host values, which the graph would repeat on every run`,
      advice:
        'make randomness an input (`inputs: { noise: … }`), and wrap a true constant: `constant(values, { shape })` or ' +
        '`options.constants`',
      details: { shape },
    });
  }

  override readSync(): never {
    throw new OnnxError('SYMBOLIC_READ', {
      where: 'record',
      expected: 'tensor operations',
      got:
        'a read of the values of a tensor under recording (dataSync, data, arraySync, print, a shape that depends on ' +
        'values …), which do not exist yet',
      advice:
        'express the step in tensor operations, or return the tensor as an output and read it after a run',
    });
  }

  override async read(): Promise<never> {
    return this.readSync();
  }

  override disposeData(dataId: DataId): boolean {
    const references = (this.#references.get(dataId) ?? 0) - 1;
    this.#references.set(dataId, references);
    return references < 1;
  }

  override incRef(dataId: DataId): void {
    this.#references.set(dataId, this.refCount(dataId) + 1);
  }

  override refCount(dataId: DataId): number {
    return this.#references.get(dataId) ?? 0;
  }

  /** Constant, because tfjs compares it before and after a kernel in its own tests. */
  override numDataIds(): number {
    return 0;
  }

  override memory(): { unreliable: boolean } {
    return { unreliable: false };
  }

  override floatPrecision(): 32 {
    return 32;
  }

  override dispose(): void {}
}

/** A rank-0 constant when all `values` are the same number. */
function uniform(values: ArrayLike<number>, type: ValueType, graph: GraphBuilder): Value<number> | undefined {
  if (values.length === 0) return undefined;
  const first = values[0]!;
  for (let i = 1; i < values.length; i++) if (!Object.is(values[i], first)) return undefined;
  return graph.scalar(first, type);
}

/** The graph's element type for a tfjs dtype. */
export function valueType(dtype: tf.DataType, where: string): ValueType {
  if (dtype === 'float32' || dtype === 'int32' || dtype === 'bool') return dtype;
  throw new OnnxError('UNSUPPORTED_ARGUMENT', {
    where: `record, '${where}'`,
    expected: 'a tensor of float32, int32 or bool',
    got: dtype,
    advice: 'cast it before the recording',
  });
}
