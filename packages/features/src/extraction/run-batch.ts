import { type Matrix, pickRows } from '@ood/core';
import type { TensorInfo } from '@ood/onnx';
import type { Backbone } from '../backbone/backbone.ts';
import { FeaturesError } from '../errors.ts';
import { type FeatureBatch, mapExtra } from './feature-batch.ts';
import { batchTensor } from './model-inputs.ts';
import type { PreparedRow } from './prepared.ts';
import type { PreparedTensor } from './prepared-tensor.ts';

export interface PreparedSample {
  readonly index: number;
  readonly id: string;
  readonly label: number | undefined;
  readonly prepared: PreparedRow;
}

export interface RunBatchOptions {
  readonly inputs: readonly TensorInfo[];
  /** Rows of the tensors; missing ones are zeros. */
  readonly rows: number;
  /** Where the tensor of each input may be written; their last ones, for a caller that keeps it. */
  readonly tensors?: Record<string, PreparedTensor['data'] | undefined>;
  /** Makes rows equally long. */
  readonly collate?: ((rows: readonly PreparedRow[]) => readonly PreparedRow[]) | undefined;
  /** Called for each sample of which an output is not finite. */
  readonly onBadRow: (sample: PreparedSample, error: FeaturesError) => void;
}

/**
 * Runs the model on one batch; rows that are not finite are reported and left out.
 *
 * @throws FeaturesError MODEL_OUTPUT_INVALID if the model returns another number of rows
 */
export async function runBatch(
  model: Pick<Backbone, 'run'>,
  samples: readonly PreparedSample[],
  { inputs, rows, tensors = {}, collate, onBadRow }: RunBatchOptions,
): Promise<FeatureBatch> {
  if (samples.length === 0) return noRows;
  const prepared = samples.map(sample => sample.prepared);
  const items = collate?.(prepared) ?? prepared;
  const feeds = inputs.map(info => {
    const { name } = info;
    return batchTensor(
      info,
      items.map(item => item[name]!),
      { rows, into: tensors[name] },
    );
  });
  const output = await model.run(
    inputs.length === 1 ? feeds[0]! : Object.fromEntries(inputs.map(({ name }, i) => [name, feeds[i]!])),
  );
  const outputs = Object.entries({ features: output.features, logits: output.logits, ...output.extra });
  inputs.forEach(({ name }, i) => {
    const { data } = feeds[i]!;
    // A model may hand its input on as features: then that is theirs.
    const handedOn = outputs.some(([, matrix]) => matrix?.data.buffer === data.buffer);
    tensors[name] = handedOn ? undefined : data;
  });
  for (const [, matrix] of outputs)
    if (matrix && matrix.rows !== rows)
      throw new FeaturesError('MODEL_OUTPUT_INVALID', {
        where: 'backbone.run',
        expected: `${rows} rows for a batch of ${rows}`,
        got: `${matrix.rows}`,
        advice: "name another layer, or use batchSize: 1 if the model's batch is fixed",
        details: { expected: rows, got: matrix.rows },
      });

  const good = samples.flatMap((sample, row) => {
    const culprit = outputs.find(([, matrix]) => notFinite(matrix, row))?.[0];
    if (!culprit) return [row];
    onBadRow(
      sample,
      new FeaturesError('NON_FINITE', {
        where: 'backbone.run',
        expected: `finite ${culprit}`,
        got: 'NaN or infinity',
        advice: "check the input's range and the model in float32",
        details: { output: culprit },
      }),
    );
    return [];
  });
  return {
    features: pickRows(output.features, good),
    ...(output.logits && { logits: pickRows(output.logits, good) }),
    ...(output.extra && { extra: mapExtra(output.extra, matrix => pickRows(matrix, good)) }),
    labels: Int32Array.from(good, row => samples[row]!.label ?? -1),
    ids: good.map(row => samples[row]!.id),
    indices: Float64Array.from(good, row => samples[row]!.index),
  };
}

const noRows: FeatureBatch = {
  features: { rows: 0, cols: 0, data: new Float32Array() },
  labels: new Int32Array(),
  ids: [],
  indices: new Float64Array(),
};

function notFinite(matrix: Matrix<Float32Array> | undefined, row: number): boolean {
  if (!matrix) return false;
  const { cols, data } = matrix;
  for (let i = row * cols; i < (row + 1) * cols; i++) if (!Number.isFinite(data[i])) return true;
  return false;
}
