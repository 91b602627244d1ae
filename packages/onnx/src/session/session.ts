/** Element types that cross the session boundary. Half floats travel as their bit patterns. */
export interface ElementArrays {
  float32: Float32Array;
  float64: Float64Array;
  float16: Uint16Array;
  int8: Int8Array;
  uint8: Uint8Array;
  int16: Int16Array;
  uint16: Uint16Array;
  int32: Int32Array;
  uint32: Uint32Array;
  int64: BigInt64Array;
  uint64: BigUint64Array;
  bool: Uint8Array;
  string: string[];
}

export type ElementType = keyof ElementArrays;

/**
 * A dense row-major tensor as plain data; `data.length` is the product of `dims`. Not a `DenseArray` of `@ood/core`: it mirrors
 * the tensors of onnxruntime, so that those go in and out as they are, and it holds strings.
 */
export type Tensor = {
  [T in ElementType]: { readonly type: T; readonly dims: readonly number[]; readonly data: ElementArrays[T] };
}[ElementType];

/** Name, element type and shape of a graph input or output; a free dimension is its name, or `null` if it has none. */
export interface TensorInfo {
  readonly name: string;
  readonly type: ElementType;
  readonly dims: readonly (number | string | null)[];
}

export interface SessionOptions {
  /** What errors call the model. Default: its path, or how many bytes it has. */
  readonly source?: string;
  /** Threads inside one operator. Default: the runtime's own choice. */
  readonly threads?: number;
  /** Execution providers in order of preference, e.g. `['cuda', 'cpu']`. Default: `['cpu']` (node), `['wasm']` (web). */
  readonly providers?: readonly string[];
  /** How far the runtime may rewrite the graph. Default: `'all'`. */
  readonly optimization?: 'disabled' | 'basic' | 'extended' | 'all';
  /** Contents of the files that a model given as bytes refers to, by their location in it. */
  readonly externalData?: Readonly<Record<string, Uint8Array>>;
}

/** A loaded graph. Holds native memory: call `close()` when done. */
export interface Session {
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  /**
   * Runs the graph once.
   *
   * @param feeds one tensor for every graph input.
   * @param fetches the outputs to compute: a list of names, or a map from name to the tensor that receives the
   *   result in place (its `data` is written; type and dims must fit). Default: all outputs.
   */
  run(
    feeds: Readonly<Record<string, Tensor>>,
    fetches?: readonly string[] | Readonly<Record<string, Tensor>>,
  ): Promise<Record<string, Tensor>>;
  close(): Promise<void>;
}

/** Something that can load ONNX graphs: onnxruntime in Node or in a browser, or a user's own. */
export interface Runtime {
  /** Name and version of the engine, for provenance. */
  readonly name: string;
  readonly version: string;
  /** Loads a model from its bytes, or, where the runtime has files, from a path (which allows external data). */
  createSession(model: Uint8Array | string, options?: SessionOptions): Promise<Session>;
}
