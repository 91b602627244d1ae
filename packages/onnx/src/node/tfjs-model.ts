import { createHash } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { importOptional } from '@ood/core';
import { OnnxError } from '../errors.ts';
import { decodeModel } from '../schema/codec.ts';
import type { ModelProto } from '../schema/generated/onnx_pb.ts';
import { checkModelFile } from './check-model-file.ts';
import { resolveExternalFile } from './external-file.ts';
import { readFailed } from './file-errors.ts';
import { nodeRuntime } from './node-runtime.ts';

/** Graphs of the largest models have some MB. */
const MOST_BYTES = 256 * 2 ** 20;

interface TfjsJson {
  readonly modelTopology: object;
  readonly weightsManifest?: readonly { readonly paths: readonly string[] }[];
}

/** What `model.json` of TensorFlow.js holds; undefined for any other file. */
async function readJson(path: string): Promise<TfjsJson | undefined> {
  const size = await checkModelFile(path);
  if (size > MOST_BYTES || !(await startsWithBrace(path))) return undefined;
  try {
    const value = JSON.parse(await readFile(path, 'utf8')) as Partial<TfjsJson> | null;
    return typeof value?.modelTopology === 'object' && value.modelTopology !== null
      ? (value as TfjsJson)
      : undefined;
  } catch {
    return undefined;
  }
}

async function startsWithBrace(path: string): Promise<boolean> {
  const file = await open(path).catch((cause: unknown) => {
    throw readFailed(path, cause);
  });
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(16), 0, 16, 0);
    return /^\s*\{/.test(buffer.subarray(0, bytesRead).toString('latin1'));
  } finally {
    await file.close();
  }
}

export interface ReadTfjsOptions {
  /** Sizes of dimensions other than the batch that the model leaves free, by `input:axis`, e.g. `{ 'image:1': 224 }`. */
  readonly freeDimensions?: Readonly<Record<string, number>>;
}

/**
 * Returns the ONNX model of a saved model of TensorFlow.js: `model.json` of a `LayersModel` or `GraphModel`, its weights beside it.
 * Undefined where the file is something else.
 *
 * @throws CoreError `MISSING_PACKAGE` where TensorFlow.js is not installed; OnnxError `EXTERNAL_DATA`, `UNSAFE_PATH` for weights
 *   that are missing or elsewhere, `CORRUPT_FILE`, and as `recordModel`
 */
export async function readTfjsModel(
  path: string,
  options: ReadTfjsOptions = {},
): Promise<ModelProto | undefined> {
  const saved = await readSaved(path);
  if (saved === undefined) return undefined;
  const { recordModel, withSavedModel } = await recorder(path);
  const { bytes } = await withSavedModel(saved, model => recordModel(model, options));
  return decodeModel(bytes, { source: path });
}

/** How far a converted model is from the original, on noise. */
export interface ConversionParity {
  readonly rows: number;
  readonly outputs: readonly {
    readonly name: string;
    /** Largest absolute difference, and the same relative to the largest absolute value. */
    readonly maxDifference: number;
    readonly relativeDifference: number;
  }[];
}

export interface ConvertTfjsOptions extends ReadTfjsOptions {
  /** Inputs of noise on which the two are compared. Default: 2. */
  readonly rows?: number;
}

/** Returns what `readTfjsModel` does, and how far it is from what TensorFlow.js itself computes. */
export async function convertTfjsModel(
  path: string,
  options: ConvertTfjsOptions = {},
): Promise<{ readonly model: ModelProto; readonly parity: ConversionParity } | undefined> {
  const { rows = 2, ...recording } = options;
  const saved = await readSaved(path);
  if (saved === undefined) return undefined;
  const { recordModel, sampleModel, withSavedModel } = await recorder(path);
  const { bytes, sample } = await withSavedModel(saved, model => {
    const recorded = recordModel(model, recording);
    return { bytes: recorded.bytes, sample: sampleModel(model, recorded, rows) };
  });
  const session = await nodeRuntime.createSession(bytes);
  try {
    const made = await session.run(sample.inputs);
    const outputs = Object.entries(sample.outputs).map(([name, { data }]) => ({
      name,
      ...differenceOf(data as ArrayLike<number>, made[name]!.data as ArrayLike<number>),
    }));
    return { model: decodeModel(bytes, { source: path }), parity: { rows, outputs } };
  } finally {
    await session.close();
  }
}

function differenceOf(expected: ArrayLike<number>, made: ArrayLike<number>) {
  let maxDifference = 0;
  let largest = 0;
  for (let i = 0; i < expected.length; i++) {
    const apart = Math.abs(Number(expected[i]) - Number(made[i]));
    largest = Math.max(largest, Math.abs(Number(expected[i])));
    // A NaN counts as an infinite difference.
    maxDifference = Number.isNaN(apart) ? Number.POSITIVE_INFINITY : Math.max(maxDifference, apart);
  }
  return { maxDifference, relativeDifference: maxDifference === 0 ? 0 : maxDifference / largest };
}

function recorder(path: string): Promise<typeof import('../record/index.ts')> {
  return importOptional(() => import('../record/index.ts'), {
    where: path,
    name: '@tensorflow/tfjs',
    advice: 'models of TensorFlow.js need it: npm install @tensorflow/tfjs',
  });
}

async function readSaved(path: string) {
  const json = await readJson(path);
  if (json === undefined) return undefined;
  const shards: Uint8Array[] = [];
  for (const shard of await shardsOf(path, json)) shards.push(await contentOf(shard));
  return { json: { ...json }, weights: Buffer.concat(shards), source: path };
}

/** A digest of all files of a saved model of TensorFlow.js, and their size; undefined where the file is something else. */
export async function hashTfjsModel(
  path: string,
): Promise<{ readonly sha256: string; readonly bytes: number } | undefined> {
  const json = await readJson(path);
  if (json === undefined) return undefined;
  const all = createHash('sha256');
  let bytes = 0;
  for (const file of [path, ...(await shardsOf(path, json))]) {
    const content = await contentOf(file);
    all.update(createHash('sha256').update(content).digest('hex'));
    bytes += content.length;
  }
  return { sha256: all.digest('hex'), bytes };
}

function contentOf(path: string): Promise<Buffer> {
  return readFile(path).catch((cause: unknown) => {
    throw readFailed(path, cause);
  });
}

async function shardsOf(path: string, { weightsManifest = [] }: TfjsJson): Promise<string[]> {
  const shards: string[] = [];
  for (const location of weightsManifest.flatMap(group => group.paths)) {
    const plain =
      typeof location === 'string' &&
      !/^([a-z]+:|[/\\])/i.test(location) &&
      !/(^|[/\\])\.\.([/\\]|$)/.test(location);
    if (!plain)
      throw new OnnxError('UNSAFE_PATH', {
        where: path,
        expected: 'weights in files beside the model',
        got: JSON.stringify(location),
        advice: 'put the files of weights into the folder of the model',
        details: { location },
      });
    shards.push(await resolveExternalFile(path, location));
  }
  return shards;
}
