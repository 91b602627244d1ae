import type { InferenceSession, Tensor as OrtTensor, TensorConstructor } from 'onnxruntime-common';
import { OnnxError } from '../errors.ts';
import { checkFeeds, checkFetches, isNames } from './check-tensors.ts';
import { copyInto } from './copy-into.ts';
import { isElementType } from './element-types.ts';
import type { Session, Tensor, TensorInfo } from './session.ts';

/** What is to be known of the engine that a session comes from. */
export interface OrtSessionOptions {
  /** What errors call the model. */
  readonly source: string;
  /** The engine's own class. */
  readonly Tensor: TensorConstructor;
  /** Whether the engine writes results into tensors given as fetches; otherwise they are copied there. */
  readonly writesInPlace: boolean;
}

/**
 * Returns a session of any onnxruntime package behind the `Session` interface: checked feeds, plain-data tensors.
 *
 * @throws OnnxError `UNSUPPORTED_TYPE` for an input or output of a type that JavaScript cannot hold
 */
export function ortSession(native: InferenceSession, options: OrtSessionOptions): Session {
  const { source, Tensor, writesInPlace } = options;
  const inputs = native.inputMetadata.flatMap(meta => tensorInfo(meta, source));
  const outputs = native.outputMetadata.flatMap(meta => tensorInfo(meta, source));
  const outputNames = outputs.map(output => output.name);
  const running = new Set<Promise<unknown>>();
  let closing: Promise<void> | undefined;

  const toOrt = (tensor: Tensor): OrtTensor => {
    const native = new Tensor(tensor.type as 'float32', tensor.data as Float32Array, tensor.dims);
    // From Node 24 on it holds a Float16Array, which the engine takes for empty (microsoft/onnxruntime#32323).
    if (tensor.type === 'float16') Object.defineProperty(native, 'data', { value: tensor.data });
    return native;
  };

  async function run(
    feeds: Readonly<Record<string, Tensor>>,
    fetches: readonly string[] | Readonly<Record<string, Tensor>>,
  ): Promise<Record<string, Tensor>> {
    const targets = isNames(fetches) ? {} : fetches;
    const names = isNames(fetches) ? fetches : Object.keys(fetches);
    const given = Object.fromEntries(
      names.map(name => [name, writesInPlace && targets[name] ? toOrt(targets[name]) : null]),
    );
    const results = await native.run(mapValues(feeds, toOrt), given).catch((cause: unknown) => {
      throw runFailed(source, cause);
    });
    const tensors: Record<string, Tensor> = {};
    for (const name of names) {
      const target = targets[name];
      if (target === undefined) tensors[name] = toPlain(results[name]!);
      else tensors[name] = writesInPlace ? target : copyInto(name, target, toPlain(results[name]!));
    }
    return tensors;
  }

  return {
    inputs,
    outputs,
    async run(feeds, fetches = outputNames) {
      if (closing) throw closed(source);
      checkFeeds(inputs, feeds);
      checkFetches(outputs, fetches);
      const promise = run(feeds, fetches);
      running.add(promise);
      try {
        return await promise;
      } finally {
        running.delete(promise);
      }
    },
    close() {
      closing ??= Promise.allSettled(running).then(() => native.release());
      return closing;
    },
  };
}

function tensorInfo(meta: InferenceSession.ValueMetadata, source: string): TensorInfo[] {
  // Sequences and maps cannot cross the session boundary; a graph that needs one as input fails when it is fed.
  if (!meta.isTensor) return [];
  if (!isElementType(meta.type)) {
    throw new OnnxError('UNSUPPORTED_TYPE', {
      where: `${source}, tensor ${JSON.stringify(meta.name)}`,
      expected: 'an element type that JavaScript can hold',
      got: meta.type,
      advice: 'add a Cast node in front of or behind it',
      details: { tensor: meta.name, type: meta.type },
    });
  }
  const dims = meta.shape.map(dim => (dim === '' || dim === undefined ? null : dim));
  return [{ name: meta.name, type: meta.type, dims }];
}

function toPlain(tensor: OrtTensor): Tensor {
  let data: unknown = tensor.data;
  // Newer engines return half floats as Float16Array; the contract is bit patterns.
  if (tensor.type === 'float16' && !(data instanceof Uint16Array)) {
    const half = data as { buffer: ArrayBuffer; byteOffset: number; length: number };
    data = new Uint16Array(half.buffer, half.byteOffset, half.length);
  }
  return { type: tensor.type, dims: [...tensor.dims], data } as Tensor;
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, map: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}

function closed(source: string): OnnxError {
  return new OnnxError('CLOSED', { where: source, expected: 'an open session', got: 'a closed one' });
}

function runFailed(source: string, cause: unknown): OnnxError {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new OnnxError('RUN_FAILED', {
    where: source,
    expected: 'the graph to run on these inputs',
    got: `an error of the engine (${message.replaceAll('\n', ' ').trim()})`,
    cause,
  });
}
