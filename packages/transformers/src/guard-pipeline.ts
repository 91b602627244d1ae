import {
  having,
  invalidOption,
  listOf,
  type Matrix,
  oneOf,
  type Rule,
  requireOption,
  requireOptions,
  text,
} from '@ood/core';
import { type Guard, type OpenGuardOptions, openGuard } from '@ood/guard';
import { attachVerdicts, type OodVerdict, type WithOod } from './attach.ts';
import { callableWith, callWithFeatures, modelOn, plainSession } from './capture.ts';
import { engineOf } from './engine.ts';
import { TransformersError } from './errors.ts';
import { type FeatureOptions, type OpenFeatures, openFeatures } from './open-features.ts';
import { type Origin, originOf, requireSameOrigin } from './origin.ts';
import { dtypeOf, type PipelineLike, type PipelineParts, requirePipeline, tasks } from './pipeline.ts';
import type { EmbeddingPooling } from './pool.ts';

/** What to put around a pipeline. */
export interface GuardPipelineOptions extends Pick<FeatureOptions, 'model' | 'providers'> {
  /** Of classifiers: tolerance and free dimensions, as the guard was fitted with. */
  readonly backbone?:
    | Pick<NonNullable<FeatureOptions['backbone']>, 'tolerance' | 'freeDimensions'>
    | undefined;
  /** Folder of a guard made by `fitPipelineGuard`; or the guard, opened by `openGuard`, which is then the caller's to close. */
  readonly guard: string | Guard;
  /** Of a folder: what `openGuard` is to verify. */
  readonly verify?: Pick<OpenGuardOptions, 'digest' | 'verify'> | undefined;
}

/** A pipeline whose results say whether their inputs are out-of-distribution. */
export type GuardedPipeline<Pipe extends PipelineLike> = (Pipe extends (
  input: infer Inputs,
  options?: infer Settings,
) => Promise<infer Output>
  ? <const Input extends Inputs, const Options extends Settings | undefined = undefined>(
      input: Input,
      options?: Options,
    ) => Promise<WithOod<Pipe, Output, Input, Options>>
  : never) &
  Omit<Pipe, 'dispose'> & {
    /** The guard that judges. */
    readonly guard: Guard;
    /** Releases what guarding opened; the pipeline that was guarded stays as it is. */
    dispose(): Promise<void>;
  };

const model: Rule = [
  value => (typeof value === 'string' && value !== '') || value instanceof Uint8Array,
  'the path of the ONNX file that the pipeline loaded, or its bytes',
];

/** Rules of what says where features are. */
export const featureRules = {
  model,
  backbone: [value => typeof value === 'object' && value !== null, 'an object'],
  output: text,
  pooling: oneOf('cls', 'mean'),
  providers: listOf(text),
} as const satisfies Record<keyof FeatureOptions, Rule>;

const rules = {
  model,
  providers: featureRules.providers,
  backbone: featureRules.backbone,
  guard: [
    value => (typeof value === 'string' && value !== '') || having('', 'checkBatch', 'describe')[0](value),
    'the folder of a guard, or an open guard',
  ],
  verify: [value => typeof value === 'object' && value !== null, 'an object with digest or verify'],
} as const satisfies Record<keyof GuardPipelineOptions, Rule>;

/** Rows that the guard judges at once. */
const ROWS = 256;
/** Most calls at a time of the guard behind a pipeline: the pipeline's own callers are not refused for its sake. */
const QUEUE = 2 ** 31;

/**
 * Returns the pipeline with a guard: called the same way, it returns the same output, and with each result `ood: { isOod, pValue,
 * score }`, from features of the same single pass. Calls may overlap. The pipeline handed in stays usable and the caller's to dispose
 * of; the guarded one runs the model with its features in a session of its own (embedders: in the pipeline's), so that a
 * classifier that is only used guarded needs its first session no longer: `await pipe.dispose()`.
 *
 * @throws TransformersError `UNSUPPORTED_PIPELINE`; `FOREIGN_MODEL` where `model` is not what the pipeline runs, or model, dtype or
 *   preparation are not those of the guard; `FOREIGN_GUARD`; errors of `openGuard` and `openBackbone`. Calls reject with `BAD_INPUT` where an
 *   input gives no score.
 */
export async function guardPipeline<Pipe extends PipelineLike>(
  pipe: Pipe,
  options: GuardPipelineOptions,
): Promise<GuardedPipeline<Pipe>> {
  const where = 'guardPipeline';
  const parts = requirePipeline(where, pipe);
  requireOptions(where, options, rules);
  requireOption(where, 'model', options.model, rules.model);
  requireOption(where, 'guard', options.guard, rules.guard);
  const { guard: given, verify = {}, ...rest } = options;
  const opened: { close(): Promise<void> }[] = [];
  try {
    const engine = await engineOf(parts.model.sessions.model);
    let guard: Guard;
    if (typeof given === 'string') {
      guard = await openGuard(given, { ...verify, queue: QUEUE, runtime: engine.runtime });
      opened.push(guard);
    } else guard = given;
    const origin = originOf(where, guard.describe());
    requireSameOrigin(where, origin, { task: parts.task, dtype: dtypeOf(parts) });
    const features = await openFeatures(where, parts, {
      ...rest,
      ...optionsOf(origin, rest.backbone),
      engine,
    });
    opened.push(features);
    requireSameOrigin(where, origin, features.origin);
    return guarded(pipe, parts, { features, guard, close: () => closeAll(opened) });
  } catch (error) {
    await closeAll(opened);
    throw error;
  }
}

/** Options that find the features of a guard again. */
function optionsOf(
  { task, layer, pooling }: Origin,
  backbone: GuardPipelineOptions['backbone'],
): Pick<FeatureOptions, 'backbone' | 'output' | 'pooling'> {
  if (tasks[task] !== 'head') return { output: layer, pooling: pooling as EmbeddingPooling };
  // The model itself does not have a tensor that was made to join several.
  return { backbone: layer.startsWith('ood.') ? backbone : { ...backbone, layer } };
}

async function closeAll(opened: readonly { close(): Promise<void> }[]): Promise<void> {
  for (const each of opened.toReversed()) await each.close();
}

function guarded<Pipe extends PipelineLike>(
  pipe: Pipe,
  parts: PipelineParts,
  {
    features,
    guard,
    close,
  }: { readonly features: OpenFeatures; readonly guard: Guard; close(): Promise<void> },
): GuardedPipeline<Pipe> {
  const running = new Set<Promise<unknown>>();
  let closing: Promise<void> | undefined;
  const call = async (args: readonly unknown[]) => {
    const { output, rows } = await callWithFeatures(parts, features, args);
    const verdicts = await verdictsOn(guard, rows);
    return attachVerdicts(output, { verdicts, isBatch: Array.isArray(args[0]) });
  };
  return callableWith(pipe, {
    guard,
    model: modelOn(parts, plainSession(features)),
    async _call(...args: unknown[]) {
      if (closing)
        throw new TransformersError('CLOSED', {
          where: `pipeline '${parts.task}'`,
          expected: 'a guarded pipeline',
          got: 'one that was disposed of',
        });
      requireResults(args[1]);
      const promise = call(args);
      running.add(promise);
      return promise.finally(() => running.delete(promise));
    },
    dispose() {
      closing ??= Promise.allSettled(running).then(close);
      return closing;
    },
  }) as unknown as GuardedPipeline<Pipe>;
}

/** Refuses a call that asks for no results: their verdicts would be lost. */
function requireResults(options: unknown): void {
  const topK = (options as { top_k?: unknown } | undefined)?.top_k;
  if (topK === undefined || topK === null || (typeof topK === 'number' && topK >= 1)) return;
  throw invalidOption('guarded pipeline', 'top_k', 'at least 1: verdicts come with results', topK);
}

async function verdictsOn(guard: Guard, { rows, cols, data }: Matrix<Float32Array>): Promise<OodVerdict[]> {
  const vectors = Array.from({ length: rows }, (_, row) => data.slice(row * cols, (row + 1) * cols));
  const outcomes = await guard.checkBatch(vectors, { batchSize: Math.max(1, Math.min(rows, ROWS)) });
  return outcomes.map((outcome, index) => {
    if ('refusal' in outcome)
      throw new TransformersError('BAD_INPUT', {
        where: `input ${index}`,
        expected: 'features that can be scored',
        got: `${outcome.refusal.code}: ${outcome.refusal.reason}`,
        advice: 'do not take it for in-distribution',
        details: { index, reasonCode: outcome.refusal.code },
      });
    const { isOod, pValue, score } = outcome.verdict;
    return { isOod, pValue, score };
  });
}
