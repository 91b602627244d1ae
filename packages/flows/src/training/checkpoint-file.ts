import { type FileHandle, open } from 'node:fs/promises';
import { bytesOf, Checksum, type DenseArray } from '@ood/core';
import { requireWritableFile, writeWholeFile } from '@ood/core/node';
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
 * Checkpoints in one file, written whole or not at all, so that a process killed at any moment leaves the previous checkpoint. That its place can be written is found out at the start.
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
      const retry = 'fit again: training goes on from the last checkpoint';
      await writeWholeFile(path, [head, ...list.map(bytesOf)], { retry });
    },
    async restore(engine) {
      await requireWritableFile(path);
      const file = await openIfThere(path);
      if (!file) return undefined;
      try {
        const { state, entries, numbers, dataStart } = await readHeader(file, path, identity);
        const arrays: Partial<Record<CheckpointKind, Record<string, DenseArray<Float32Array>>>> = {};
        const sum = new Checksum();
        for (const { kind, name, shape, start, end } of entries) {
          const data = new Float32Array((end - start) / 4);
          const { bytesRead } = await file.read(bytesOf({ data }), 0, end - start, dataStart + start);
          if (bytesRead < end - start) throw damaged(path, `${dataStart + end} bytes`, 'a shorter file');
          sum.numbers(data);
          (arrays[kind] ??= {})[name] = { shape, data };
        }
        if (sum.digest() !== numbers) throw damaged(path, `numbers with checksum ${numbers}`, 'others');
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
  const info = await file.stat();
  if (!info.isFile()) throw damaged(path, 'a file', 'something else');
  const prefix = Buffer.alloc(8);
  await file.read(prefix, 0, 8, 0);
  const length = Number(prefix.readBigUInt64LE());
  if (info.size < 8 || length > info.size - 8)
    throw damaged(path, 'a header within the file', 'a shorter file');
  const text = Buffer.alloc(length);
  await file.read(text, 0, length, 8);
  return { ...decodeCheckpointHeader(text.toString('utf8'), identity, path), dataStart: 8 + length };
}

function damaged(path: string, expected: string, got: string) {
  return bad('BAD_CHECKPOINT', path, expected, got, 'remove the file to start afresh');
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r');
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw bad(
      'BAD_CHECKPOINT',
      path,
      'a readable file',
      message,
      'check the path and its permissions',
      cause,
    );
  }
}
