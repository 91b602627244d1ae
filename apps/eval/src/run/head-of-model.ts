import type { Matrix } from '@ood/core';
import { type BackboneOptions, type Head, openBackbone } from '@ood/features';
import type { Benchmark, FeatureSet } from '../benchmark.ts';
import { BenchmarkError } from '../errors.ts';

interface HeadOptions {
  readonly threads?: number | undefined;
  /** As the features were extracted. */
  readonly layers?: BackboneOptions['layers'];
  readonly where?: string;
}

/** Rows on which a head is compared with the logits beside the features. */
const PROBE_ROWS = 64;

/** Largest difference, as a share of the largest logit: half floats in stores are good to three digits. */
const TOLERANCE = 0.01;

/**
 * The classification head of the model that the features of a benchmark come from.
 *
 * @throws BenchmarkError `UNSUPPORTED` for a model without a head, `WRONG_SHAPE`, `INVALID_VALUE` where the features are another model's;
 *   FeaturesError and OnnxError for what is no model
 */
export async function headOfModel(
  path: string,
  { idTest }: Benchmark,
  { threads, layers, where = path }: HeadOptions = {},
): Promise<Head> {
  const backbone = await openBackbone(path, { threads, layers });
  const { head } = backbone;
  await backbone.close();
  if (head === undefined)
    throw new BenchmarkError('UNSUPPORTED', {
      where,
      expected: 'a model with a classification head',
      got: 'one without',
      advice: 'look at it with ood inspect; leave the model out to compare detectors that need no head',
    });
  if ((head.featureSize ?? head.weights.cols) !== idTest.features.cols)
    throw otherModel(where, head, idTest.features);
  if (idTest.logits !== undefined) requireSameLogits(where, head, idTest as Required<FeatureSet>);
  return head;
}

/** The benchmark, with the logits of the head where a set has none. */
export function withLogits(benchmark: Benchmark, head: Head): Benchmark {
  const complete = <Set extends FeatureSet>(set: Set): Set =>
    set.logits === undefined ? { ...set, logits: logitsOf(head, set.features) } : set;
  const { idTrain, idTest, ood } = benchmark;
  return { ...benchmark, idTrain: complete(idTrain), idTest: complete(idTest), ood: ood.map(complete) };
}

/** W·f + b of each row. */
function logitsOf({ weights, bias }: Head, { rows, cols, data }: Matrix): Matrix<Float32Array> {
  const logits = new Float32Array(rows * weights.rows);
  const read = weights.cols;
  for (let row = 0; row < rows; row++)
    for (let c = 0; c < weights.rows; c++) {
      let sum = bias[c]!;
      for (let i = 0; i < read; i++) sum += data[row * cols + i]! * weights.data[c * read + i]!;
      logits[row * weights.rows + c] = sum;
    }
  return { rows, cols: weights.rows, data: logits };
}

function requireSameLogits(where: string, head: Head, { features, logits }: Required<FeatureSet>): void {
  if (logits.cols !== head.weights.rows) throw otherModel(where, head, features);
  const rows = Math.min(PROBE_ROWS, features.rows);
  const { data } = logitsOf(head, { ...features, rows });
  const largest = logits.data
    .subarray(0, data.length)
    .reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const difference = data.reduce((most, value, i) => Math.max(most, Math.abs(value - logits.data[i]!)), 0);
  if (difference <= TOLERANCE * Math.max(largest, 1)) return;
  throw new BenchmarkError('INVALID_VALUE', {
    where,
    expected: 'the model that the features come from: W·f + b of its head to be the logits beside them',
    got: `a difference of ${difference.toPrecision(3)} in logits of at most ${largest.toPrecision(3)}`,
    advice: 'give the model that the sets were extracted by',
    details: { difference, largest },
  });
}

function otherModel(
  where: string,
  { weights, featureSize = weights.cols }: Head,
  features: Matrix,
): BenchmarkError {
  return new BenchmarkError('WRONG_SHAPE', {
    where,
    expected: `the model that the features come from, with ${features.cols} features`,
    got: `a head of ${weights.rows} classes on ${featureSize} features`,
    advice: 'give the model that the sets were extracted by, with the same layers',
    details: { features: features.cols, head: weights.cols },
  });
}
