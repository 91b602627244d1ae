import { Checksum, type DenseArray, type SafetensorsHeader } from '@ood/core';
import type { Json, NamedArrays, Shape } from '../contract/arrays.ts';
import type { StateKind, TrainingEngine } from '../engine/training-engine.ts';
import { FlowsError } from '../errors.ts';
import { firstDifference } from './first-difference.ts';
import { isTrainingState, type TrainingState } from './training-state.ts';

/** Weights put aside while training goes on: those before the first step, where they are needed, and the best so far. */
export interface KeptWeights {
  start?: NamedArrays;
  best?: NamedArrays;
}

/** What a checkpoint's arrays are: the engine's, and those kept. */
export type CheckpointKind = StateKind | keyof KeptWeights;

/** Where training keeps itself against an interruption. */
export interface CheckpointStore {
  /** Puts the stored arrays into the engine and returns the rest, or `undefined` where nothing is stored yet. */
  restore(engine: TrainingEngine): Promise<{ state: TrainingState; kept: KeptWeights } | undefined>;
  save(engine: TrainingEngine, state: TrainingState, kept: KeptWeights): Promise<void>;
}

/** What must be the same for a run to be resumed: settings, data, model, engine, threads. */
export type CheckpointIdentity = Readonly<Record<string, Json>>;

const format = 'ood-flows-checkpoint';
/** Raised when a run could not go on as it began; version 1 drew from other generators. */
const version = 2;

/** What a checkpoint holds, kind by kind. */
export type CheckpointArrays = Partial<Record<CheckpointKind, NamedArrays>>;

/**
 * The layout of a checkpoint: a safetensors file whose tensors are named `value/…`, `first/…`, `second/…`, `average/…`,
 * `start/…` and `best/…`, and whose metadata holds the state and the identity as JSON, a checksum of the tensors' numbers, and
 * one of all the rest of the header.
 *
 * @returns the bytes before the arrays, and the arrays in file order.
 */
export function encodeCheckpoint(
  arrays: CheckpointArrays,
  state: TrainingState,
  identity: CheckpointIdentity,
) {
  const list: DenseArray<Float32Array>[] = [];
  const tensors: Record<string, TensorEntry> = {};
  const numbers = new Checksum();
  let offset = 0;
  for (const [kind, named] of Object.entries(arrays)) {
    for (const [name, array] of Object.entries(named)) {
      const end = offset + array.data.byteLength;
      tensors[`${kind}/${name}`] = { dtype: 'F32', shape: array.shape, data_offsets: [offset, end] };
      offset = end;
      list.push(array);
      numbers.numbers(array.data);
    }
  }
  const metadata = {
    format,
    version: String(version),
    state: JSON.stringify(state),
    identity: JSON.stringify(identity),
    numbers: numbers.digest(),
  };
  const header = { __metadata__: { ...metadata, header: checksumOf(metadata, tensors) }, ...tensors };
  const text = new TextEncoder().encode(JSON.stringify(header));
  const length = Math.ceil(text.length / 8) * 8;
  const head = new Uint8Array(8 + length).fill(0x20);
  new DataView(head.buffer).setBigUint64(0, BigInt(length), true);
  head.set(text, 8);
  return { head, arrays: list };
}

interface CheckpointHeader {
  readonly state: TrainingState;
  readonly entries: readonly {
    kind: CheckpointKind;
    name: string;
    shape: Shape;
    start: number;
    end: number;
  }[];
  /** Checksum of all numbers in file order. */
  readonly numbers: string;
}

const KINDS: readonly string[] = ['value', 'first', 'second', 'average', 'start', 'best'];

/**
 * Makes sure that a header is whole and belongs to this run.
 *
 * @throws FlowsError `FOREIGN_FILE`, `NEWER_VERSION`, `UNSUPPORTED` (an older version), `BAD_CHECKPOINT` naming what differs.
 */
export function decodeCheckpointHeader(
  { metadata: { header, ...metadata }, entries }: SafetensorsHeader,
  identity: CheckpointIdentity,
  where: string,
): CheckpointHeader {
  if (metadata.format !== format) {
    const got = `format ${metadata.format}`;
    throw bad('FOREIGN_FILE', where, 'a checkpoint of fit', got, 'choose another path');
  }
  if (metadata.version !== String(version)) {
    const newer = Number(metadata.version) > version;
    const release = newer ? 'the newer release of @ood/flows' : 'the release';
    const advice = `resume with ${release} that wrote it, or remove the file to start afresh`;
    const got = `version ${metadata.version}`;
    throw bad(newer ? 'NEWER_VERSION' : 'UNSUPPORTED', where, `version ${version}`, got, advice);
  }
  const tensors = Object.fromEntries(
    [...entries].map(([name, { dtype, shape, start, end }]) => [
      name,
      { dtype, shape, data_offsets: [start, end] as const },
    ]),
  );
  if (header !== checksumOf(metadata, tensors)) throw unreadable(where);
  const difference = firstDifference(identity, parse(metadata.identity, where));
  if (difference) {
    const advice = 'resume with what the run was started with, or remove the file to start afresh';
    throw bad('BAD_CHECKPOINT', where, difference.expected, difference.got, advice);
  }
  const state = parse(metadata.state, where);
  if (!isTrainingState(state)) throw unreadable(where);
  return {
    state,
    entries: [...entries].map(([path, { type, shape, start, end }]) => {
      const slash = path.indexOf('/');
      const kind = path.slice(0, slash);
      if (type !== 'float32' || !KINDS.includes(kind)) throw unreadable(where);
      return { kind: kind as CheckpointKind, name: path.slice(slash + 1), shape, start, end };
    }),
    numbers: metadata.numbers ?? '',
  };
}

interface TensorEntry {
  readonly dtype: string;
  readonly shape: Shape;
  readonly data_offsets: readonly [number, number];
}

function checksumOf(
  metadata: Readonly<Record<string, string>>,
  tensors: Record<string, TensorEntry>,
): string {
  return new Checksum().text(JSON.stringify([metadata, tensors])).digest();
}

function parse(text: string | undefined, where: string): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch (cause) {
    throw unreadable(where, cause);
  }
}

/** A file that is no checkpoint of ours any more. */
export function unreadable(where: string, cause?: unknown): FlowsError {
  const advice = 'remove the file to start afresh';
  const got = 'a header that was altered or torn';
  return bad('BAD_CHECKPOINT', where, 'a checkpoint of fit', got, advice, cause);
}

/** A refusal of a checkpoint file. */
export function bad(
  code: 'FOREIGN_FILE' | 'NEWER_VERSION' | 'UNSUPPORTED' | 'BAD_CHECKPOINT',
  where: string,
  expected: string,
  got: string,
  advice: string,
  cause?: unknown,
): FlowsError {
  return new FlowsError(code, { where, expected, got, advice, cause });
}
