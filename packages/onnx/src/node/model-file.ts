import { type FileHandle, open, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { systemError } from '@ood/core';
import { writeWholeFile } from '@ood/core/node';
import { OnnxError } from '../errors.ts';
import { externalLocations, loadExternalData, moveToExternalData } from '../external-data/external-data.ts';
import { tensorsOf } from '../graph/walk.ts';
import { decodeModel, encodeModel, MAX_MODEL_BYTES } from '../schema/codec.ts';
import type { ModelProto } from '../schema/generated/onnx_pb.ts';
import { checkModelFile } from './check-model-file.ts';
import { resolveExternalFile } from './external-file.ts';
import { readFailed } from './file-errors.ts';
import { foreignFile } from './foreign-file.ts';
import { readTfjsModel } from './tfjs-model.ts';
import { usableMemory } from './usable-memory.ts';

export interface ReadModelOptions {
  /** `'load'` puts tensors from other files into the model, `'keep'` leaves the references. Default: `'load'`. */
  readonly externalData?: 'load' | 'keep';
  /** Most bytes of external data that are loaded. Default: this machine's memory. */
  readonly maxExternalBytes?: number;
}

/**
 * Returns the model in a file, by default with the tensors that it keeps in other files of the same folder. Tensors that refer
 * to the same bytes share them. A saved model of TensorFlow.js (`model.json`) is recorded, as `readTfjsModel` does.
 *
 * @throws OnnxError `NOT_A_FILE`, `EMPTY_FILE`, `CORRUPT_FILE`; `UNSUPPORTED` for a model of another format, with the command that
 *   converts it; `UNSAFE_PATH` for external data outside the model's folder, or behind a link that leads out of it and out of the
 *   hub cache that it lies in; `EXTERNAL_DATA` where they are missing or too short; `TOO_LARGE` where they add up to more than
 *   their files hold or than `maxExternalBytes`; CoreError for what the system refuses
 */
export async function readModel(path: string, options: ReadModelOptions = {}): Promise<ModelProto> {
  const size = await checkModelFile(path);
  const recorded = await readTfjsModel(path);
  if (recorded) return recorded;
  if (size > MAX_MODEL_BYTES) {
    const foreign = await foreignFile(path);
    if (foreign) throw foreign;
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
  const files = new Map<string, { readonly handle: FileHandle; readonly size: number }>();
  try {
    for (const location of externalLocations(model)) {
      const handle = await openExternal(path, location);
      files.set(location, { handle, size: (await handle.stat()).size });
    }
    const held = [...files.values()].reduce((sum, { size }) => sum + size, 0);
    const budget = Math.min(held, options.maxExternalBytes ?? usableMemory());
    let taken = 0;
    return await loadExternalData(model, async (location, offset, length) => {
      const range = { path, location, offset, length };
      const file = files.get(location)!;
      if (offset + length > file.size) throw tooShort(range, file.size);
      taken += length;
      if (taken > budget) throw beyondBudget(range, taken, budget);
      return readRange(file.handle, range);
    });
  } finally {
    await Promise.all([...files.values()].map(({ handle }) => handle.close()));
  }
}

async function openExternal(modelPath: string, location: string): Promise<FileHandle> {
  const path = await resolveExternalFile(modelPath, location);
  return open(path).catch((cause: unknown) => {
    throw readFailed(path, cause);
  });
}

interface Range {
  readonly path: string;
  readonly location: string;
  readonly offset: number;
  readonly length: number;
}

async function readRange(handle: FileHandle, range: Range): Promise<Uint8Array> {
  const { path, offset, length } = range;
  const bytes = allocate(length, path);
  for (let done = 0; done < length; ) {
    // One read call moves at most 2 GiB.
    const want = Math.min(length - done, 2 ** 30);
    const { bytesRead } = await handle.read(bytes, done, want, offset + done);
    if (bytesRead === 0) throw tooShort(range, offset + done);
    done += bytesRead;
  }
  return bytes;
}

function tooShort({ path, location, offset, length }: Range, size: number): OnnxError {
  return new OnnxError('EXTERNAL_DATA', {
    where: `${path}, external data ${JSON.stringify(location)}`,
    expected: `at least ${offset + length} bytes`,
    got: `${size}`,
    advice: 'check that the file was copied completely',
    details: { location, offset, length, size },
  });
}

function beyondBudget({ path, location }: Range, bytes: number, budget: number): OnnxError {
  return new OnnxError('TOO_LARGE', {
    where: `${path}, external data ${JSON.stringify(location)}`,
    expected: `tensors of at most ${budget} bytes together`,
    got: `${bytes} or more`,
    advice: 'where the model is sound, give it more memory (maxExternalBytes)',
    details: { location, bytes, budget },
  });
}

function allocate(bytes: number, where: string): Uint8Array {
  try {
    return new Uint8Array(bytes);
  } catch (cause) {
    throw systemError(cause, { where, expected: `memory for ${bytes} bytes of external data` });
  }
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
 * Writes a model file, whole or not at all. Folders that are missing are made.
 *
 * @throws OnnxError `TOO_LARGE` with `'never'` above 2 GiB; CoreError `DISK_FULL` and other refusals of the system
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
    if (moved.chunks.length > 0) await writeWholeFile(join(dirname(path), location), moved.chunks);
    await writeWholeFile(path, encodeModel(moved.model));
  } else {
    await writeWholeFile(path, encodeModel(model));
  }
}

function rawBytes(model: ModelProto): number {
  let total = 0;
  for (const tensor of tensorsOf(model)) total += tensor.rawData.length;
  return total;
}
