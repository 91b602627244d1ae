import { type Matrix, pickRows } from '@ood/core';
import type { TensorInfo } from '@ood/onnx';
import type { Backbone } from '../backbone/backbone.ts';
import { FeaturesError } from '../errors.ts';
import type { PreparedImage } from '../preprocessing/prepare.ts';
import { type FeatureBatch, mapExtra } from './feature-batch.ts';
import { batchTensor } from './model-input.ts';

export interface PreparedSample {
  readonly index: number;
  readonly id: string;
  readonly label: number | undefined;
  readonly prepared: PreparedImage;
}

export interface RunBatchOptions {
  readonly input: TensorInfo;
  /** Rows of the tensor; missing ones are zeros. */
  readonly rows: number;
  /** Where the tensor may be written; its last one, for a caller that keeps it. */
  readonly tensor?: { data?: PreparedImage['data'] | undefined };
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
  { input, rows, tensor = {}, onBadRow }: RunBatchOptions,
): Promise<FeatureBatch> {
  if (samples.length === 0) return noRows;
  const batch = batchTensor(
    input,
    samples.map(s => s.prepared),
    { rows, into: tensor.data },
  );
  const output = await model.run(batch);
  const outputs = Object.entries({ features: output.features, logits: output.logits, ...output.extra });
  // A model may hand its input on as features: then that is theirs.
  const handedOn = outputs.some(([, matrix]) => matrix?.data.buffer === batch.data.buffer);
  tensor.data = handedOn ? undefined : batch.data;
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
