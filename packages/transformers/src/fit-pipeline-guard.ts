import {
  callable,
  type Matrix,
  type Rule,
  requireOption,
  requireOptions,
  stackRows,
  text,
  throwIfAborted,
  whole,
} from '@ood/core';
import {
  type FeatureRows,
  type FitGuardOptions,
  type FitGuardProgress,
  fitGuard,
  type Manifest,
} from '@ood/guard';
import { callWithFeatures } from './capture.ts';
import { engineOf } from './engine.ts';
import { TransformersError } from './errors.ts';
import { featureRules } from './guard-pipeline.ts';
import { headModel } from './head-model.ts';
import { type FeatureOptions, type OpenFeatures, openFeatures } from './open-features.ts';
import { classNamesOf, type PipelineLike, type PipelineParts, requirePipeline } from './pipeline.ts';

/** An input that a pipeline takes, or one with its class: an index, or a name that the model's configuration knows. */
export type PipelineSample<Input> = Input | { readonly input: Input; readonly label: string | number };

/** ID inputs of a pipeline. */
export type PipelineSamples<Input> = Iterable<PipelineSample<Input>> | AsyncIterable<PipelineSample<Input>>;

/** One input of a pipeline, rather than a list of them. */
export type PipelineInput<Pipe extends PipelineLike> = Pipe extends (
  input: infer Input,
  ...rest: never[]
) => unknown
  ? Exclude<Input, readonly unknown[]>
  : never;

/** What to make a guard of. */
export interface FitPipelineGuardOptions<Input>
  extends FeatureOptions,
    Pick<
      FitGuardOptions,
      | 'detector'
      | 'detectorOptions'
      | 'alpha'
      | 'seed'
      | 'overwrite'
      | 'sign'
      | 'threads'
      | 'signal'
      | 'onProgress'
    > {
  /** Folder of the guard. */
  readonly folder: string;
  /** ID inputs to fit on. */
  readonly train: PipelineSamples<Input>;
  /** ID inputs that the model was *not* trained on. Default: a fifth of `train`, without the guarantee for a model trained on it. */
  readonly calibration?: PipelineSamples<Input> | undefined;
  /** Inputs that the pipeline takes at once. Default: 1, as most callers do: padding to the longest of a batch changes features a little. */
  readonly batchSize?: number | undefined;
}

/** A sample that the pipeline refused. */
export interface PipelineFailure {
  readonly part: 'train' | 'calibration';
  /** Position among the samples of its part. */
  readonly index: number;
  readonly reason: string;
}

const object: Rule = [value => typeof value === 'object' && value !== null, 'an object'];
const samples: Rule = [
  value =>
    object[0](value) && (Symbol.iterator in (value as object) || Symbol.asyncIterator in (value as object)),
  'a list (or any iterable) of inputs of the pipeline',
];
const anything: Rule = [() => true, 'anything'];

const rules = {
  ...featureRules,
  folder: text,
  train: samples,
  calibration: samples,
  batchSize: whole,
  onProgress: callable,
  // As fitGuard takes them.
  detector: anything,
  detectorOptions: anything,
  alpha: anything,
  seed: anything,
  overwrite: anything,
  sign: anything,
  threads: anything,
  signal: anything,
} as const satisfies Record<keyof FitPipelineGuardOptions<unknown>, Rule>;

/**
 * Makes the guard of a pipeline: runs it on ID inputs, which it tokenizes or prepares as ever, fits a detector on the features that
 * its model makes of them, calibrates the decision, and writes a guard's folder, whole or not at all. `guardPipeline` puts it to work.
 *
 * Named apart from `fitGuard` of `@ood/guard`, which makes guards of model files: programs use both.
 *
 * @returns what was fitted, with its `warnings`; and the samples that the pipeline refused, which the guard is fitted without
 * @throws TransformersError `UNSUPPORTED_PIPELINE`, `FOREIGN_MODEL`, `INVALID_OPTION`, `EMPTY_INPUT`; FeaturesError `NO_HEAD`,
 *   `HEAD_NOT_PROVED` and others of `openBackbone`; errors of `fitGuard`
 */
export async function fitPipelineGuard<Pipe extends PipelineLike>(
  pipe: Pipe,
  options: FitPipelineGuardOptions<PipelineInput<Pipe>>,
): Promise<{ readonly manifest: Manifest; readonly failures: readonly PipelineFailure[] }> {
  const where = 'fitPipelineGuard';
  const parts = requirePipeline(where, pipe);
  requireOptions(where, options, rules);
  for (const name of ['model', 'folder', 'train'] as const)
    requireOption(where, name, options[name], rules[name]);
  const {
    folder,
    train,
    calibration,
    batchSize = 1,
    model,
    backbone,
    output,
    pooling,
    providers,
    ...fit
  } = options;
  const engine = await engineOf(parts.model.sessions.model);
  const found = await openFeatures(where, parts, { model, backbone, output, pooling, providers, engine });
  try {
    const failures: PipelineFailure[] = [];
    const rowsOf = (part: 'train' | 'calibration', given: PipelineSamples<unknown>) =>
      readRows(parts, found, { part, samples: given, batchSize, failures, ...fit });
    const unseen = calibration && (await rowsOf('calibration', calibration));
    const fitted = await rowsOf('train', train);
    const classes = found.head && classNamesOf(parts, found.head.head.weights.rows);
    const manifest = await fitGuard(folder, {
      ...fit,
      model: headModel(found.head, fitted.features.cols),
      train: fitted,
      calibration: unseen,
      classes,
      origin: found.origin,
      runtime: engine.runtime,
    });
    return { manifest, failures };
  } finally {
    await found.close();
  }
}

interface Reading {
  readonly part: 'train' | 'calibration';
  readonly samples: PipelineSamples<unknown>;
  readonly batchSize: number;
  readonly failures: PipelineFailure[];
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: FitGuardProgress) => void) | undefined;
}

/** Features of samples, batch by batch; where a batch fails its samples go one by one, so that a bad one costs itself alone. */
async function readRows(
  pipe: PipelineParts,
  found: OpenFeatures,
  { part, samples, batchSize, failures, signal, onProgress }: Reading,
): Promise<FeatureRows> {
  const blocks: Matrix<Float32Array>[] = [];
  const labels: number[] = [];
  let done = 0;
  const run = async (inputs: readonly unknown[]) => (await callWithFeatures(pipe, found, [inputs])).rows;
  const take = async (batch: readonly Labeled[]): Promise<void> => {
    throwIfAborted('fitPipelineGuard', signal);
    try {
      blocks.push(await run(batch.map(({ input }) => input)));
      labels.push(...batch.map(({ label }) => label));
    } catch (error) {
      if (batch.length > 1) {
        for (const one of batch) await take([one]);
        return;
      }
      failures.push({
        part,
        index: batch[0]!.index,
        reason: error instanceof Error ? error.message : String(error),
      });
    }
    done = Math.max(done, batch.at(-1)!.index + 1);
    onProgress?.({ stage: 'extracting', part, done });
  };
  let batch: Labeled[] = [];
  let index = 0;
  for await (const sample of samples) {
    batch.push({ ...labeled(sample, pipe, index), index });
    index++;
    if (batch.length < batchSize) continue;
    await take(batch);
    batch = [];
  }
  if (batch.length > 0) await take(batch);
  const [first] = blocks;
  if (first === undefined) {
    const [failure] = failures.filter(each => each.part === part);
    throw new TransformersError('EMPTY_INPUT', {
      where: `fitPipelineGuard, option "${part}"`,
      expected: 'ID inputs that the pipeline takes',
      got: failure ? `none: ${failure.reason}` : 'none',
      advice: 'check where they come from',
      details: { part, failures: failures.length },
    });
  }
  const isLabeled = labels.every(label => label >= 0);
  return { features: stackRows(blocks, first.cols), ...(isLabeled && { labels: Int32Array.from(labels) }) };
}

interface Labeled {
  readonly index: number;
  readonly input: unknown;
  /** -1 where none is given. */
  readonly label: number;
}

function labeled(sample: unknown, { model }: PipelineParts, index: number): Omit<Labeled, 'index'> {
  if (typeof sample !== 'object' || sample === null || !('input' in sample && 'label' in sample))
    return { input: sample, label: -1 };
  const { input, label } = sample as { input: unknown; label: unknown };
  const { label2id = {}, id2label = {} } = model.config;
  const named =
    typeof label === 'string'
      ? (label2id[label] ?? Number(Object.keys(id2label).find(id => id2label[id] === label)))
      : Number(label);
  if (Number.isSafeInteger(named) && named >= 0) return { input, label: named };
  throw new TransformersError('INVALID_VALUE', {
    where: `fitPipelineGuard, sample ${index}, label`,
    expected: `a class index, or one of ${Object.values(id2label).slice(0, 20).join(', ') || 'the names in the model’s configuration'}`,
    got: JSON.stringify(label) ?? String(label),
    details: { index },
  });
}
