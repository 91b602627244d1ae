import {
  bytesOf,
  Checksum,
  type DenseArray,
  isOodError,
  readSafetensorsHeader,
  type SafetensorsHeader,
} from '@ood/core';
import { openPlainFile, type PlainFile, requireWritableFile, writeWholeFile } from '@ood/core/node';
import { mapValues, type NamedArrays, type NamedShapes } from '../contract/arrays.ts';
import type { StateKind, TrainingEngine } from '../engine/training-engine.ts';
import {
  bad,
  type CheckpointArrays,
  type CheckpointIdentity,
  type CheckpointKind,
  type CheckpointStore,
  decodeCheckpointHeader,
  encodeCheckpoint,
  type KeptWeights,
  unreadable,
} from './checkpoint.ts';

const STATE_KINDS: readonly StateKind[] = ['value', 'first', 'second', 'average'];

/**
 * Checkpoints in one file, written whole or not at all, so that a process killed at any moment leaves the previous checkpoint. That its place can be written is found out at the start.
 */
export function checkpointFile(path: string, identity: CheckpointIdentity): CheckpointStore {
  return {
    async save(engine, state, kept) {
      const arrays: CheckpointArrays = {};
      for (const kind of STATE_KINDS) {
        const read = await engine.read(kind);
        if (Object.keys(read).length > 0) arrays[kind] = read;
      }
      Object.assign(arrays, kept);
      const { head, arrays: list } = encodeCheckpoint(arrays, state, identity);
      const retry = 'fit again: training goes on from the last checkpoint';
      await writeWholeFile(path, [head, ...list.map(bytesOf)], { retry });
    },
    async restore(engine) {
      await requireWritableFile(path);
      const file = await openIfThere(path);
      if (!file) return undefined;
      try {
        const layout = await readHeader(file, path);
        const { state, entries, numbers } = decodeCheckpointHeader(layout, identity, path);
        const arrays: Partial<Record<CheckpointKind, Record<string, DenseArray<Float32Array>>>> = {};
        const sum = new Checksum();
        for (const { kind, name, shape, start, end } of entries) {
          const bytes = await file.read(layout.offset + start, end - start);
          const data = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
          sum.numbers(data);
          (arrays[kind] ??= {})[name] = { shape, data };
        }
        if (sum.digest() !== numbers) throw damaged(path, `numbers with checksum ${numbers}`, 'others');
        const { start, best, ...kinds } = arrays;
        const kept = { ...(start && { start }), ...(best && { best }) };
        await requireFitting(path, engine, { kinds, kept });
        for (const kind in kinds) await engine.write(kind as StateKind, kinds[kind as StateKind]!);
        return { state, kept };
      } finally {
        await file.close();
      }
    },
  };
}

async function readHeader(file: PlainFile, path: string): Promise<SafetensorsHeader> {
  try {
    return await readSafetensorsHeader(file, path);
  } catch (cause) {
    throw isOodError(cause, 'CORRUPT_FILE', 'FOREIGN_FILE') ? unreadable(path, cause) : cause;
  }
}

/** Refuses arrays that the engine has no place for, and fewer than it has. */
async function requireFitting(
  path: string,
  engine: TrainingEngine,
  { kinds, kept }: { readonly kinds: CheckpointArrays; readonly kept: KeptWeights },
): Promise<void> {
  const shapesOf = async (kind: StateKind) => mapValues(await engine.read(kind), ({ shape }) => shape);
  for (const kind of STATE_KINDS) requireSameShapes(`${path}, ${kind}`, kinds[kind], await shapesOf(kind));
  const shapes = await shapesOf('value');
  for (const [name, arrays] of Object.entries(kept)) requireSameShapes(`${path}, ${name}`, arrays, shapes);
}

function requireSameShapes(where: string, arrays: NamedArrays = {}, shapes: NamedShapes = {}): void {
  const said = (named: NamedShapes) =>
    Object.keys(named)
      .sort()
      .map(name => `${name} [${named[name]}]`)
      .join(', ') || 'no arrays';
  const [expected, got] = [said(shapes), said(mapValues(arrays, ({ shape }) => shape))];
  if (expected !== got) throw damaged(where, expected, got);
}

function damaged(path: string, expected: string, got: string) {
  return bad('BAD_CHECKPOINT', path, expected, got, 'remove the file to start afresh');
}

async function openIfThere(path: string): Promise<PlainFile | undefined> {
  try {
    return await openPlainFile(path, { what: 'a checkpoint of fit' });
  } catch (error) {
    if (isOodError(error, 'FILE_NOT_FOUND')) return undefined;
    throw error;
  }
}
