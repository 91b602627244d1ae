import { Checksum, type DenseArray } from '@ood/core';
import type { Json, NamedArrays, Shape } from '../contract/arrays.ts';
import type { StateKind, TrainingEngine } from '../engine/training-engine.ts';
import { FlowsError } from '../errors.ts';
import { firstDifference, isObject } from './first-difference.ts';
import type { TrainingState } from './training-state.ts';

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
const version = 1;

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

/**
 * Reads the header's JSON and makes sure that it is whole and belongs to this run.
 *
 * @throws FlowsError `FOREIGN_FILE`, `NEWER_VERSION`, `BAD_CHECKPOINT` naming what differs.
 */
export function decodeCheckpointHeader(
  text: string,
  identity: CheckpointIdentity,
  where: string,
): CheckpointHeader {
  const { __metadata__: metadata, ...tensors } = parse(text, where);
  if (metadata?.format !== format) {
    const got = `format ${metadata?.format}`;
    throw bad('FOREIGN_FILE', where, 'a checkpoint of fit', got, 'choose another path');
  }
  if (Number(metadata.version) > version) {
    const advice = 'resume with the newer version of @ood/flows, or remove the file to start afresh';
    throw bad('NEWER_VERSION', where, `version ${version} or older`, `version ${metadata.version}`, advice);
  }
  const { header, ...rest } = metadata;
  if (header !== checksumOf(rest, tensors)) throw unreadable(where);
  const difference = firstDifference(identity, JSON.parse(metadata.identity));
  if (difference) {
    const advice = 'resume with what the run was started with, or remove the file to start afresh';
    throw bad('BAD_CHECKPOINT', where, difference.expected, difference.got, advice);
  }
  return {
    state: JSON.parse(metadata.state) as TrainingState,
    entries: Object.entries(tensors).map(([path, entry]) => {
      const slash = path.indexOf('/');
      const [start, end] = entry.data_offsets;
      const kind = path.slice(0, slash) as CheckpointKind;
      return { kind, name: path.slice(slash + 1), shape: entry.shape, start, end };
    }),
    numbers: metadata.numbers,
  };
}

interface TensorEntry {
  readonly dtype: 'F32';
  readonly shape: Shape;
  readonly data_offsets: readonly [number, number];
}

type Metadata = Record<'format' | 'version' | 'state' | 'identity' | 'numbers', string>;

type Header = Record<string, TensorEntry> & { __metadata__?: Metadata & { header: string } };

function checksumOf(metadata: Metadata, tensors: Record<string, TensorEntry>): string {
  return new Checksum().text(JSON.stringify([metadata, tensors])).digest();
}

function parse(text: string, where: string): Header {
  try {
    const header: unknown = JSON.parse(text);
    if (isObject(header)) return header as Header;
  } catch {
    // falls through to the one error below
  }
  throw unreadable(where);
}

function unreadable(where: string): FlowsError {
  const advice = 'remove the file to start afresh';
  return bad('BAD_CHECKPOINT', where, 'a checkpoint of fit', 'a header that was altered or torn', advice);
}

/** A refusal of a checkpoint file. */
export function bad(
  code: 'FOREIGN_FILE' | 'NEWER_VERSION' | 'BAD_CHECKPOINT',
  where: string,
  expected: string,
  got: string,
  advice: string,
  cause?: unknown,
): FlowsError {
  return new FlowsError(code, { where, expected, got, advice, cause });
}
