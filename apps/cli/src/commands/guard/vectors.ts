import { elementCount } from '@ood/core';
import type { ColumnNames } from '@ood/features';
import type { Guard } from '@ood/guard';
import { encodeModel, makeGraph, makeModel, makeNode } from '@ood/onnx';
import { type Io, requireFile } from '@ood/terminal';
import { CliError } from '../../errors.ts';
import { type ColumnFlags, columnNames } from '../options.ts';
import { openRows } from './open-features.ts';
import { type GuardFlags, openVectorGuard } from './open-guard.ts';

/** Rows of a file that are read at a time. */
const BLOCK = 4096;

/** Names in `vectorModel`, by which a guard of vectors is told. */
export const VECTORS = { input: 'vector', output: 'embedding' } as const;

/** A model that gives vectors back as they are: for a guard of rows without a model. */
export function vectorModel(dim: number): Uint8Array {
  const graph = makeGraph('vectors', {
    inputs: [{ name: VECTORS.input, type: 'float32', dims: ['batch', dim] }],
    outputs: [{ name: VECTORS.output, type: 'float32', dims: ['batch', dim] }],
    nodes: [makeNode('Identity', { inputs: [VECTORS.input], outputs: [VECTORS.output] })],
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
async function openVectors(
  word: string,
  { guard, columns }: { readonly guard: Guard; readonly columns: ColumnNames },
  io: Io,
): Promise<Vectors> {
  const path = await requireFile(
    word,
    io,
    'rows of numbers: .npy, .npz, .safetensors, Arrow, Parquet, CSV or a feature store',
  );
  const { columns: own } = guard.describe();
  const file = await openRows(path, { ...columns, features: columns.features ?? own });
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

/** The vector guard that `--guard` names, and the rows that `--features` names, both open. */
export async function openVectorInputs(
  {
    guard: word,
    features,
    ...flags
  }: GuardFlags & ColumnFlags & { readonly guard: string; readonly features: string },
  io: Io,
): Promise<{ readonly guard: Guard; readonly vectors: Vectors }> {
  const guard = await openVectorGuard(word, io, flags);
  try {
    return { guard, vectors: await openVectors(features, { guard, columns: columnNames(flags) }, io) };
  } catch (error) {
    await guard.close();
    throw error;
  }
}
