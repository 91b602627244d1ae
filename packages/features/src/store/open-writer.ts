import { type FileHandle, mkdir, open, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isOodError } from '@ood/core';
import { openPlainFile } from '@ood/core/node';
import { FeaturesError } from '../errors.ts';
import { emptyInput } from '../extraction/input-chain.ts';
import { encodeHead } from './arrow/encode.ts';
import { isLayout } from './arrow/layout.ts';
import { rangesOf, storeWriteError, writeBytes } from './file-ranges.ts';
import { headerMetadata, type StoreHeader } from './metadata.ts';
import { scanIncomplete } from './scan.ts';
import {
  type FeatureStoreWriter,
  incompletePath,
  type StoreWriterOptions,
  storeWriter,
} from './store-writer.ts';
import { holdWriterLock } from './writer-lock.ts';

/**
 * A writer for a new store; leftovers of an unfinished one at the same path are replaced. Until it is finished or closed, a
 * second writer for the same path is refused.
 *
 * @throws FeaturesError FILE_EXISTS if there is a finished store, INVALID_OPTION; CoreError LOCKED, DISK_FULL, WRITE_FAILED
 */
export async function createFeatureStore(
  path: string,
  header: StoreHeader,
  options: StoreWriterOptions = {},
): Promise<FeatureStoreWriter> {
  requireLayout(path, header);
  if (await stat(path).catch(() => null)) throw taken(path);
  const release = await holdWriterLock(path);
  try {
    return await newWriter(path, header, { ...options, release });
  } catch (error) {
    await release();
    throw error;
  }
}

export interface LockedWriterOptions extends StoreWriterOptions {
  /** Gives the lock back when the writer is done with it. */
  readonly release?: () => Promise<void>;
}

/** As `createFeatureStore` for a caller that holds the lock. A finished store stays until the new one takes its place. */
export async function newWriter(
  path: string,
  header: StoreHeader,
  options: LockedWriterOptions = {},
): Promise<FeatureStoreWriter> {
  requireLayout(path, header);
  const temporary = incompletePath(path);
  const head = encodeHead(header.layout, headerMetadata(header));
  let file: FileHandle | undefined;
  try {
    await mkdir(dirname(path), { recursive: true });
    await rm(temporary, { force: true });
    file = await open(temporary, 'wx');
    await writeBytes(file, temporary, [head], 0);
  } catch (cause) {
    await file?.close();
    throw isOodError(cause) ? cause : storeWriteError(cause, temporary);
  }
  return storeWriter(file, path, header, options, {
    blocks: [],
    end: head.length,
    rows: 0,
    failures: [],
    input: emptyInput,
  });
}

/**
 * A writer that goes on with `<path>.incomplete` after its last complete batch, for a caller that holds the lock; what follows
 * that batch is cut off. `null` if there is no such file, or one without its first bytes.
 *
 * @throws FeaturesError CORRUPT_FILE, NEWER_VERSION, UNSUPPORTED; CoreError NOT_A_FILE
 */
export async function resumeFeatureStore(
  path: string,
  options: LockedWriterOptions = {},
): Promise<FeatureStoreWriter | null> {
  const temporary = incompletePath(path);
  try {
    // Nothing but a plain file: opening a pipe would wait for its writer.
    await (await openPlainFile(temporary, { what: 'an unfinished feature store' })).close();
  } catch (error) {
    if (isOodError(error, 'FILE_NOT_FOUND')) return null;
    throw error;
  }
  const file = await open(temporary, 'r+').catch((cause: unknown) => {
    throw storeWriteError(cause, temporary);
  });
  try {
    const scan = await scanIncomplete(await rangesOf(file, temporary), temporary);
    if (scan === null) {
      await file.close();
      return null;
    }
    const { header, blocks, end } = scan;
    await file.truncate(end);
    return storeWriter(file, path, header, options, {
      blocks: [...blocks],
      end,
      rows: blocks.reduce((sum, block) => sum + block.rows, 0),
      failures: blocks.flatMap(block => block.note.failures),
      input: blocks.at(-1)?.note.input ?? emptyInput,
    });
  } catch (error) {
    await file.close();
    throw error;
  }
}

function requireLayout(path: string, { layout }: StoreHeader): void {
  if (isLayout(layout)) return;
  throw new FeaturesError('INVALID_OPTION', {
    where: path,
    expected: 'a layout of a positive dim, positive classes or none, and float32 or float16',
    got: JSON.stringify(layout),
    advice: 'correct the layout',
    details: { path, layout },
  });
}

/** The error for a store that may not be replaced. */
export function taken(path: string): FeaturesError {
  return new FeaturesError('FILE_EXISTS', {
    where: path,
    expected: 'a free path for a new feature store',
    got: 'an existing file',
    advice: 'choose another path, or delete it',
    details: { path },
  });
}
