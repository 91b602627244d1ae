import { type FileHandle, lstat, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { OnnxError } from '../errors.ts';
import { loadExternalData, moveToExternalData } from '../external-data/external-data.ts';
import { tensorsOf } from '../graph/walk.ts';
import { decodeModel, encodeModel, MAX_MODEL_BYTES } from '../schema/codec.ts';
import type { ModelProto } from '../schema/generated/onnx_pb.ts';
import { checkModelFile } from './check-model-file.ts';
import { readFailed, writeFailed } from './file-errors.ts';

export interface ReadModelOptions {
  /** `'load'` puts tensors from other files into the model, `'keep'` leaves the references. Default: `'load'`. */
  readonly externalData?: 'load' | 'keep';
}

/**
 * Returns the model in a file, by default with the tensors that it keeps in other files of the same folder.
 *
 * @throws OnnxError `FILE_NOT_FOUND`, `READ_FAILED`, `EMPTY_FILE`, `CORRUPT_FILE`, `TOO_LARGE`; `UNSAFE_PATH` for
 *   external data outside the model's folder or behind a symbolic link; `EXTERNAL_DATA` where they are missing or too short
 */
export async function readModel(path: string, options: ReadModelOptions = {}): Promise<ModelProto> {
  const size = await checkModelFile(path);
  if (size > MAX_MODEL_BYTES) {
    throw new OnnxError('TOO_LARGE', {
      where: path,
      expected: `at most ${MAX_MODEL_BYTES} bytes in one file (a limit of the format)`,
      got: `${size}`,
      advice: 'export it with external data',
      details: { path, bytes: size },
    });
  }
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw readFailed(path, cause);
  });
  const model = decodeModel(bytes, { source: path });
  if (options.externalData === 'keep') return model;
  const handles = new Map<string, FileHandle>();
  try {
    return await loadExternalData(model, async (location, offset, length) => {
      const handle = handles.get(location) ?? (await openExternal(path, location));
      handles.set(location, handle);
      return readRange(handle, { path, location, offset, length });
    });
  } finally {
    await Promise.all([...handles.values()].map(handle => handle.close()));
  }
}

async function openExternal(modelPath: string, location: string): Promise<FileHandle> {
  await checkExternalFile(modelPath, location);
  const path = join(dirname(modelPath), location);
  return open(path).catch((cause: unknown) => {
    throw readFailed(path, cause);
  });
}

/** Refuses a location that is not a plain file inside the model's folder. */
export async function checkExternalFile(modelPath: string, location: string): Promise<void> {
  const where = `${modelPath}, external data ${JSON.stringify(location)}`;
  let path = dirname(modelPath);
  for (const part of location.split('/').filter(part => part !== '' && part !== '.')) {
    path = join(path, part);
    const entry = await lstat(path).catch((cause: unknown) => {
      const parts = { where, expected: `a file ${path}`, got: 'none', details: { path, location }, cause };
      throw new OnnxError('EXTERNAL_DATA', { ...parts, advice: "keep the model's data files beside it" });
    });
    if (entry.isSymbolicLink()) {
      throw new OnnxError('UNSAFE_PATH', {
        where,
        expected: "a file inside the model's folder",
        got: `a symbolic link (${path})`,
        advice: 'copy the file itself into the folder',
        details: { path, location },
      });
    }
  }
  if (!(await stat(path)).isFile()) {
    throw new OnnxError('EXTERNAL_DATA', { where, expected: 'a regular file', got: path, details: { path } });
  }
}

async function readRange(
  handle: FileHandle,
  range: { path: string; location: string; offset: number; length: number },
): Promise<Uint8Array> {
  const { path, location, offset, length } = range;
  const tooShort = (size: number): OnnxError =>
    new OnnxError('EXTERNAL_DATA', {
      where: `${path}, external data ${JSON.stringify(location)}`,
      expected: `at least ${offset + length} bytes`,
      got: `${size}`,
      advice: 'check that the file was copied completely',
      details: { location, offset, length, size },
    });
  const { size } = await handle.stat();
  if (offset + length > size) throw tooShort(size);
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length; ) {
    // One read call moves at most 2 GiB.
    const want = Math.min(length - done, 2 ** 30);
    const { bytesRead } = await handle.read(bytes, done, want, offset + done);
    if (bytesRead === 0) throw tooShort(offset + done);
    done += bytesRead;
  }
  return bytes;
}

export interface WriteModelOptions {
  /**
   * `'auto'` moves large tensors to `<name>.data` beside the model only when it would not fit into one file; `'always'`
   * and `'never'` say so. Default: `'auto'`.
   */
  readonly externalData?: 'auto' | 'always' | 'never';
  /** Tensors of fewer bytes stay in the model. Default: 16,384. */
  readonly minBytes?: number;
}

/**
 * Writes a model file, whole or not at all.
 *
 * @throws OnnxError `TOO_LARGE` with `'never'` above 2 GiB; `DISK_FULL`, `WRITE_FAILED`
 */
export async function writeModel(
  path: string,
  model: ModelProto,
  options: WriteModelOptions = {},
): Promise<void> {
  const { externalData = 'auto', minBytes } = options;
  if (externalData === 'always' || (externalData === 'auto' && rawBytes(model) > MAX_MODEL_BYTES * 0.95)) {
    const location = `${basename(path)}.data`;
    const moved = moveToExternalData(model, { location, ...(minBytes !== undefined && { minBytes }) });
    if (moved.chunks.length > 0) await writeWhole(join(dirname(path), location), moved.chunks);
    await writeWhole(path, [encodeModel(moved.model)]);
  } else {
    await writeWhole(path, [encodeModel(model)]);
  }
}

function rawBytes(model: ModelProto): number {
  let total = 0;
  for (const tensor of tensorsOf(model)) total += tensor.rawData.length;
  return total;
}

async function writeWhole(path: string, chunks: readonly Uint8Array[]): Promise<void> {
  const temporary = `${path}.incomplete`;
  const handle = await open(temporary, 'w').catch((cause: unknown) => {
    throw writeFailed(path, cause);
  });
  try {
    for (const chunk of chunks) {
      for (let done = 0; done < chunk.length; ) {
        const { bytesWritten } = await handle.write(chunk, done, Math.min(chunk.length - done, 2 ** 30));
        done += bytesWritten;
      }
    }
    await handle.close();
    await rename(temporary, path);
  } catch (cause) {
    await handle.close().catch(() => {});
    await rm(temporary, { force: true });
    throw writeFailed(path, cause);
  }
}
