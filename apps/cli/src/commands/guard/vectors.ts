import { elementCount } from '@ood/core';
import { openFeatureFile } from '@ood/features';
import { type Guard, type OpenGuardOptions, openGuard } from '@ood/guard';
import { encodeModel, makeGraph, makeModel, makeNode } from '@ood/onnx';
import { CliError } from '../../errors.ts';
import type { Io } from '../../io.ts';
import { requireFile, requirePath } from '../../paths/require-path.ts';
import type { TrustFlags } from '../options.ts';
import { trustOf } from './read-key.ts';

/** Rows of a file that are read at a time. */
const BLOCK = 4096;

/** A model that gives vectors back as they are: for a guard of rows without a model. */
export function vectorModel(dim: number): Uint8Array {
  const graph = makeGraph('vectors', {
    inputs: [{ name: 'vector', type: 'float32', dims: ['batch', dim] }],
    outputs: [{ name: 'embedding', type: 'float32', dims: ['batch', dim] }],
    nodes: [makeNode('Identity', { inputs: ['vector'], outputs: ['embedding'] })],
  });
  return encodeModel(makeModel(graph));
}

/** Rows of a file as inputs, in order; ids are those of the file, else row numbers. */
export interface Vectors extends AsyncIterable<{ readonly id: string; readonly vector: Float32Array }> {
  readonly length: number;
  close(): Promise<void>;
}

/**
 * The rows that `--features` names, for a guard of vectors.
 *
 * @throws CliError `WRONG_SHAPE` for rows of another length than the guard takes
 */
export async function openVectors(word: string, guard: Guard, io: Io): Promise<Vectors> {
  const file = await openFeatureFile(
    await requireFile(word, io, 'rows of numbers: .npy, .npz, .safetensors, Arrow or a feature store'),
  );
  const { dims } = guard.describe().input;
  const wanted = elementCount(dims.slice(1).map(dim => (typeof dim === 'number' ? dim : 1)));
  if (file.dim !== wanted) {
    await file.close();
    throw new CliError('WRONG_SHAPE', {
      where: word,
      expected: `rows of ${wanted} numbers, as the guard takes`,
      got: `${file.dim}`,
      details: { expected: wanted, got: file.dim },
    });
  }
  return {
    length: file.rows,
    close: () => file.close(),
    async *[Symbol.asyncIterator]() {
      for (let start = 0; start < file.rows; start += BLOCK) {
        io.signal.throwIfAborted();
        const { features, ids } = await file.readRows(start, Math.min(file.rows, start + BLOCK));
        for (let row = 0; row < features.rows; row++)
          yield {
            id: ids[row] ?? String(start + row),
            vector: Float32Array.from(features.data.subarray(row * features.cols, (row + 1) * features.cols)),
          };
      }
    },
  };
}

/**
 * The guard that `--guard` names, open to check vectors.
 *
 * @throws CliError for a guard of images; CoreError for what is not there
 */
export async function openVectorGuard(
  word: string,
  io: Io,
  { threads, ...trust }: TrustFlags & Pick<OpenGuardOptions, 'threads'>,
): Promise<Guard> {
  const folder = await requirePath(word, io, 'the folder of a guard');
  const guard = await openGuard(folder, { threads, ...(await trustOf(trust, io)) });
  if (guard.describe().preprocessing === null) return guard;
  await guard.close();
  throw new CliError('INVALID_OPTION', {
    where: word,
    expected: 'a guard of vectors, for --features',
    got: 'one of images',
    advice: 'give it images; a guard of features alone is made by ood fit --features without --model',
  });
}
