import { mkdir, open, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { FeaturesError } from '../errors.ts';
import { emptyInput } from '../extraction/input-chain.ts';
import { writeBytes, writeError } from '../formats/file-bytes.ts';
import { encodeHead } from './arrow/encode.ts';
import { isLayout } from './arrow/layout.ts';
import { headerMetadata, type StoreHeader } from './metadata.ts';
import { scanIncomplete } from './scan.ts';
import {
  type FeatureStoreWriter,
  incompletePath,
  type StoreWriterOptions,
  storeWriter,
} from './store-writer.ts';

/**
 * A writer for a new store; leftovers of an unfinished one at the same path are replaced.
 *
 * @throws FeaturesError FILE_EXISTS if there is a finished store; DISK_FULL; WRITE_FAILED; INVALID_OPTION
 */
export async function createFeatureStore(
  path: string,
  header: StoreHeader,
  options: StoreWriterOptions = {},
): Promise<FeatureStoreWriter> {
  if (!isLayout(header.layout))
    throw new FeaturesError('INVALID_OPTION', {
      where: path,
      expected: 'a layout of a positive dim, positive classes or none, and float32 or float16',
      got: `${JSON.stringify(header.layout)}`,
      advice: 'correct the layout',
      details: { path, layout: header.layout },
    });
  if (await stat(path).catch(() => null))
    throw new FeaturesError('FILE_EXISTS', {
      where: path,
      expected: 'a free path for a new feature store',
      got: 'an existing file',
      advice: 'choose another or delete it',
      details: { path },
    });
  const temporary = incompletePath(path);
  try {
    await mkdir(dirname(path), { recursive: true });
    await rm(temporary, { force: true });
    const file = await open(temporary, 'wx');
    const head = encodeHead(header.layout, headerMetadata(header));
    try {
      await writeBytes(file, temporary, [head], 0);
    } catch (error) {
      await file.close();
      throw error;
    }
    return storeWriter(file, path, header, options, {
      blocks: [],
      end: head.length,
      rows: 0,
      failures: [],
      input: emptyInput,
    });
  } catch (cause) {
    throw cause instanceof FeaturesError ? cause : writeError(cause, temporary);
  }
}

/**
 * A writer that goes on with `<path>.incomplete` after its last complete batch; what follows that is cut off.
 * `null` if there is no such file, or one without its first bytes.
 *
 * @throws FeaturesError CORRUPT_FILE, NEWER_VERSION, UNSUPPORTED
 */
export async function resumeFeatureStore(
  path: string,
  options: StoreWriterOptions = {},
): Promise<FeatureStoreWriter | null> {
  const temporary = incompletePath(path);
  const file = await open(temporary, 'r+').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return null;
    throw writeError(cause, temporary);
  });
  if (!file) return null;
  try {
    const scan = await scanIncomplete(file, temporary);
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
