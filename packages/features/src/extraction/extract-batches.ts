import { availableParallelism } from 'node:os';
import type { Backbone } from '../backbone/backbone.ts';
import { FeaturesError } from '../errors.ts';
import type { Preprocessing } from '../preprocessing/preprocessing.ts';
import { asFailure } from './failures.ts';
import type { ExtractedBatch } from './feature-batch.ts';
import { consume, type InputState } from './input-chain.ts';
import { sampleKind } from './kinds.ts';
import { lookahead } from './lookahead.ts';
import { checkRow, fixedBatch } from './model-inputs.ts';
import { samplePreparer } from './prepare-sample.ts';
import { type PreparedRow, type PrepareOptions, sameShape } from './prepared.ts';
import { type ExtractProgress, type ProgressCounts, progressMeter } from './progress.ts';
import { type PreparedSample, runBatch } from './run-batch.ts';
import type { Failure, Samples } from './sample.ts';
import { sampleDigester } from './sample-digest.ts';
import { checkShard, type Positioned, type Shard, samplesOfShard, shardLength } from './shard.ts';

/** What extraction needs of a backbone. */
export type FeatureModel = Pick<Backbone, 'inputs' | 'run' | 'busyCores'>;

export interface ExtractOptions extends PrepareOptions {
  /** What turns images or texts into the model's inputs; not needed for vectors and tensors. */
  readonly preprocessing?: Preprocessing;
  /** Samples per run of the model. Default: as many as make about 5 million values, at most 256; of texts 16. */
  readonly batchSize?: number;
  /** What a sample without a usable row does: be skipped and listed, or end the extraction. Default: `skip`. */
  readonly onBadSample?: 'skip' | 'fail';
  /** Take only every `count`-th sample, from `index`. Default: all. */
  readonly shard?: Shard;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: ExtractProgress) => void;
  /** Milliseconds from any origin, for rates in `onProgress`, e.g. `() => performance.now()`. */
  readonly now?: () => number;
}

/**
 * Features of the samples, batch by batch. Samples are decoded on all cores, and while the model computes where it leaves
 * cores idle (`busyCores`); at most three batches are held. The last batch may have failures but no rows.
 *
 * @throws FeaturesError MODEL_INPUT_MISMATCH, before anything is read, if preprocessing and model do not fit;
 *   with `onBadSample: 'fail'` the error of the first bad sample; the signal's reason when aborted
 */
export async function* extractBatches(
  model: FeatureModel,
  samples: Samples,
  options: ExtractOptions = {},
): AsyncGenerator<ExtractedBatch> {
  const { shard = { index: 0, count: 1 } } = options;
  checkShard(shard);
  const total = samples.length === undefined ? undefined : shardLength(samples.length, shard);
  yield* extractPositioned(model, samplesOfShard(samples, shard), { ...options, total });
}

export interface PositionedOptions extends Omit<ExtractOptions, 'shard'> {
  readonly total?: number | undefined;
  /** What an earlier run did. */
  readonly before?: ProgressCounts;
  /** State of the input before the first sample; batches then tell the state after them. */
  readonly input?: InputState;
}

/** A batch with the state of the input after its last sample, where that is tracked. */
export type TrackedBatch = ExtractedBatch & { readonly input?: InputState };

/** Samples decoded ahead of the model, at most. */
const MOST_AHEAD = 64;

/** As `extractBatches`, of samples that know their positions. */
export async function* extractPositioned(
  model: FeatureModel,
  samples: AsyncIterable<Positioned>,
  options: PositionedOptions,
): AsyncGenerator<TrackedBatch> {
  const { preprocessing, onBadSample = 'skip', signal, total, before } = options;
  const { inputs } = model;
  const fixed = fixedBatch(inputs);
  let batchSize = checkBatchSize(options.batchSize, fixed);
  if (preprocessing) sampleKind(preprocessing).check(inputs, preprocessing);
  signal?.throwIfAborted();

  const counts = before ? { ...before } : { done: 0, rows: 0, failures: 0 };
  const report = progressMeter({
    listener: options.onProgress,
    now: options.now,
    total,
    before: counts.done,
  });
  const preparer = await samplePreparer(inputs, preprocessing, options);
  const tensors = {};
  let state = options.input;
  let batch: PreparedSample[] = [];
  let failures: Failure[] = [];

  const digestOf = sampleDigester();
  const attempt = async ({ index, sample }: Positioned): Promise<Attempt> => {
    const digest = options.input && digestOf(sample).content;
    try {
      signal?.throwIfAborted();
      const prepared = await preparer.prepare(sample);
      checkRow(inputs, prepared);
      return { index, id: sample.id, label: sample.label, digest, prepared };
    } catch (error) {
      return { index, id: sample.id, label: sample.label, digest, error };
    }
  };
  const cores = availableParallelism();
  const spare = cores - (model.busyCores ?? cores) > 0;
  const limit = () => (spare ? Math.max(cores + 2, Math.min(batchSize ?? 0, MOST_AHEAD)) : cores + 2);
  const ahead = lookahead(samples, limit, attempt, signal);
  const flush = async (): Promise<TrackedBatch> => {
    const end = state && { input: state };
    // Engines block this thread while they compute. Where they leave cores idle, the decoder's threads must have their work by
    // then; where they do not, a decoder beside them would stall one of their threads, and all others wait for that one.
    await (spare ? ahead.started() : ahead.settled());
    const result = await runBatch(model, batch, {
      inputs,
      rows: fixed ?? batch.length,
      tensors,
      collate: preparer.collate,
      onBadRow: (sample, error) => failures.push(asFailure(sample, error, onBadSample)),
    });
    const out = { ...result, failures: failures.sort((a, b) => a.index - b.index), ...end };
    counts.done += result.ids.length + failures.length;
    counts.rows += result.ids.length;
    counts.failures += failures.length;
    report(counts);
    for (const { prepared } of batch) preparer.recycle?.(prepared);
    batch = [];
    failures = [];
    return out;
  };

  for await (const item of ahead.results) {
    signal?.throwIfAborted();
    const { prepared, digest } = item;
    const first = batch[0]?.prepared;
    if (prepared && first && !preparer.collate && !sameShape(first, prepared)) yield await flush();
    if (state && digest !== undefined) state = consume(state, { ...item, digest });
    if (!prepared) {
      failures.push(asFailure(item, item.error, onBadSample));
      continue;
    }
    batchSize ??= preparer.batchSize ?? defaultBatchSize(prepared);
    batch.push({ ...item, prepared });
    if (batch.length === batchSize) yield await flush();
  }
  if (batch.length > 0 || failures.length > 0) yield await flush();
}

interface Attempt {
  readonly index: number;
  readonly id: string;
  readonly label: number | undefined;
  readonly digest: string | undefined;
  readonly prepared?: PreparedRow;
  readonly error?: unknown;
}

function defaultBatchSize(row: PreparedRow): number {
  const values = Object.values(row).reduce((sum, { data }) => sum + data.length, 0);
  return Math.max(1, Math.min(256, Math.round(5_000_000 / values)));
}

function checkBatchSize(batchSize: number | undefined, fixed: number | undefined): number | undefined {
  if (batchSize === undefined) return fixed;
  if (!Number.isInteger(batchSize) || batchSize < 1)
    throw new FeaturesError('INVALID_OPTION', {
      where: 'extract',
      expected: 'batchSize to be a positive integer',
      got: `${batchSize}`,
      advice: 'leave it out for the default',
      details: { batchSize },
    });
  if (fixed !== undefined && batchSize !== fixed)
    throw new FeaturesError('INVALID_OPTION', {
      where: 'extract',
      expected: `batchSize ${fixed}, since the model's batch dimension is fixed`,
      got: `${batchSize}`,
      advice: 'leave it out or export the model with a free batch',
      details: { batchSize, fixed },
    });
  return batchSize;
}
