import { type FileHandle, mkdir, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { NamedArray } from '../contract/arrays.ts';
import type { StateKind } from '../engine/training-engine.ts';
import {
  bad,
  type CheckpointArrays,
  type CheckpointIdentity,
  type CheckpointKind,
  type CheckpointStore,
  decodeCheckpointHeader,
  encodeCheckpoint,
} from './checkpoint.ts';

/**
 * Checkpoints in one file. It is written beside its place as `.incomplete`, flushed to the disk, and renamed, so that a
 * process killed at any moment leaves the previous checkpoint whole.
 */
export function checkpointFile(path: string, identity: CheckpointIdentity): CheckpointStore {
  return {
    async save(engine, state, kept) {
      const kinds: StateKind[] = ['value', 'first', 'second', 'average'];
      const arrays: CheckpointArrays = {};
      for (const kind of kinds) {
        const read = await engine.read(kind);
        if (Object.keys(read).length > 0) arrays[kind] = read;
      }
      Object.assign(arrays, kept);
      const { head, arrays: list } = encodeCheckpoint(arrays, state, identity);
      await mkdir(dirname(path), { recursive: true });
      const file = await open(`${path}.incomplete`, 'w');
      try {
        await file.writeFile(head);
        for (const { data } of list) await file.writeFile(bytesOf(data));
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(`${path}.incomplete`, path);
    },
    async restore(engine) {
      const file = await openIfThere(path);
      if (!file) return undefined;
      try {
        const { state, entries, dataStart } = await readHeader(file, path, identity);
        const arrays: Partial<Record<CheckpointKind, Record<string, NamedArray>>> = {};
        for (const { kind, name, shape, start, end } of entries) {
          const data = new Float32Array((end - start) / 4);
          const { bytesRead } = await file.read(bytesOf(data), 0, end - start, dataStart + start);
          if (bytesRead < end - start) throw truncated(path, `${dataStart + end} bytes`);
          (arrays[kind] ??= {})[name] = { shape, data };
        }
        const { start, best, ...kinds } = arrays;
        for (const kind in kinds) await engine.write(kind as StateKind, kinds[kind as StateKind]!);
        return { state, kept: { ...(start && { start }), ...(best && { best }) } };
      } finally {
        await file.close();
      }
    },
  };
}

async function readHeader(file: FileHandle, path: string, identity: CheckpointIdentity) {
  const { size } = await file.stat();
  const prefix = Buffer.alloc(8);
  await file.read(prefix, 0, 8, 0);
  const length = Number(prefix.readBigUInt64LE());
  if (size < 8 || length > size - 8) throw truncated(path, 'a header within the file');
  const text = Buffer.alloc(length);
  await file.read(text, 0, length, 8);
  return { ...decodeCheckpointHeader(text.toString('utf8'), identity, path), dataStart: 8 + length };
}

function truncated(path: string, expected: string) {
  return bad('BAD_CHECKPOINT', path, expected, 'a shorter file', 'remove the file to start afresh');
}

function bytesOf(data: Float32Array): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
