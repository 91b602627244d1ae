import { type Matrix, sliceRows, stackRows } from '@ood/core';
import type { Session, Tensor, TensorInfo } from '@ood/onnx';
import { FeaturesError } from '../errors.ts';
import type { BackboneGraph, BackboneOutput } from './backbone.ts';
import { checkBatch } from './inputs.ts';

type Names = Pick<BackboneGraph, 'features' | 'logits'>;

/** A session that makes features, and what it takes. */
export interface BatchRunner {
  readonly session: Session;
  readonly inputs: readonly TensorInfo[];
  readonly names: Names;
  /** Rows that the graph takes at once, where it is bound to a number. */
  readonly batchSize: number | null;
}

/** Runs a batch of any size; a model whose batch size is fixed gets it in portions, the last one filled up. */
export async function runBatch(
  runner: BatchRunner,
  batch: Tensor | Readonly<Record<string, Tensor>>,
): Promise<BackboneOutput> {
  const { session, inputs, names, batchSize: fixed } = runner;
  const { feeds, rows } = checkBatch(inputs, batch);
  if (fixed === null || fixed === rows || rows === 0) return runOnce(session, names, feeds, rows);
  const portions: BackboneOutput[] = [];
  for (let start = 0; start < rows; start += fixed) {
    const portion = Object.fromEntries(
      Object.entries(feeds).map(([name, tensor]) => [name, rowsOf(tensor, start, fixed)]),
    );
    portions.push(await runOnce(session, names, portion, fixed));
  }
  // The last portion was filled up.
  const join = (matrices: readonly Matrix<Float32Array>[]): Matrix<Float32Array> =>
    sliceRows(stackRows(matrices, matrices[0]!.cols), 0, rows);
  const features = join(portions.map(portion => portion.features));
  return names.logits === undefined
    ? { features }
    : { features, logits: join(portions.map(portion => portion.logits!)) };
}

async function runOnce(
  session: Session,
  names: Names,
  feeds: Record<string, Tensor>,
  rows: number,
): Promise<BackboneOutput> {
  const outputs = await session.run(feeds);
  const features = toMatrix(outputs[names.features]!, rows);
  return names.logits === undefined
    ? { features }
    : { features, logits: toMatrix(outputs[names.logits]!, rows) };
}

function toMatrix(tensor: Tensor, rows: number): Matrix<Float32Array> {
  const [actual, cols] = tensor.dims as [number, number];
  if (actual !== rows) {
    throw new FeaturesError('WRONG_INPUT', {
      where: 'the model',
      expected: `${rows} rows of features for ${rows} rows of input`,
      got: `${actual}`,
      advice: 'its batch size may have been fixed by the export: export it with a dynamic batch axis',
      details: { rows, actual },
    });
  }
  return { rows, cols, data: tensor.data as Float32Array };
}

/** The first row of every tensor. */
export function firstRow(feeds: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
  return Object.fromEntries(Object.entries(feeds).map(([name, tensor]) => [name, rowsOf(tensor, 0, 1)]));
}

/** `count` rows from `start`, filled up with zeros (`''` in a tensor of strings never comes here). */
function rowsOf(tensor: Tensor, start: number, count: number): Tensor {
  const width = tensor.data.length / tensor.dims[0]!;
  const source = tensor.data as Float32Array;
  const part = source.subarray(start * width, (start + count) * width);
  const dims = [count, ...tensor.dims.slice(1)];
  if (part.length === count * width) return { ...tensor, dims, data: part } as Tensor;
  const data = new (source.constructor as Float32ArrayConstructor)(count * width);
  data.set(part);
  return { ...tensor, dims, data } as Tensor;
}
