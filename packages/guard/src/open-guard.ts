import { join, resolve } from 'node:path';
import { hashPreprocessing, type Preprocessing, readSafetensors, type Sample } from '@ood/features';
import { conformalThreshold, type Calibration as Sorted } from '@ood/metrics';
import type { Runtime } from '@ood/onnx';
import type { Explanation, Guard, GuardInput, Outcome, StreamOptions, Verdict } from './contract/guard.ts';
import { openEngine, type Scored } from './engine/engine.ts';
import { outcomesOf } from './engine/outcomes.ts';
import { plainSample } from './engine/plain-sample.ts';
import { openWorkerEngine } from './engine/worker-engine.ts';
import { GuardError } from './errors.ts';
import { FILES, type Manifest } from './folder/manifest.ts';
import { preprocessingChanged, readFolder } from './folder/read-folder.ts';
import { judge } from './verdict.ts';

export interface OpenGuardOptions {
  /** Compute in a thread of its own, which keeps the event loop free. Default: true, unless a runtime is given. */
  readonly worker?: boolean;
  /** Engine for this thread. Default: onnxruntime-node. */
  readonly runtime?: Runtime;
  /** Threads of the runtime. Default: its own choice. */
  readonly threads?: number;
  /** The preprocessing that the caller counts on; another one in the guard is an error. */
  readonly preprocessing?: Preprocessing;
}

/**
 * Opens the guard in a folder: every file is verified by its SHA-256, the preprocessing by its hash, and decoder,
 * preprocessing and backbone together by the logits of stored probe images.
 *
 * @throws GuardError `GUARD_NOT_FOUND`, `UNREADABLE`, `FOREIGN_FOLDER`, `NEWER_VERSION`, `CORRUPT_GUARD`, `PREPROCESSING_CHANGED`,
 *   `PROBE_MISMATCH`
 */
export async function openGuard(folder: string, options: OpenGuardOptions = {}): Promise<Guard> {
  const path = resolve(folder);
  const manifest = await readFolder(path);
  const { preprocessing, runtime, threads, worker = runtime === undefined } = options;
  if (preprocessing && hashPreprocessing(preprocessing) !== manifest.preprocessingHash) {
    throw preprocessingChanged(
      folder,
      manifest.preprocessingHash ?? 'none',
      hashPreprocessing(preprocessing),
    );
  }
  const calibration = await readCalibration(path, manifest);
  const engine = worker
    ? await openWorkerEngine({ folder: path, manifest, threads })
    : await openEngine(path, manifest, { runtime, threads });

  let closing: Promise<void> | undefined;
  const running = new Set<Promise<unknown>>();
  /** Starts a call that closing waits for. */
  const underWay = async <T>(start: () => Promise<T>): Promise<T> => {
    if (closing !== undefined) throw closedError(folder);
    const call = start();
    running.add(call);
    return call.finally(() => running.delete(call));
  };
  const scoreAll = async (samples: readonly Sample[], batchSize: number): Promise<Scored[]> => {
    const inputs = samples.map(sample => plainSample(sample, manifest));
    const usable = inputs.filter((input): input is Sample => !('refusal' in input));
    const scored = await engine.score(usable, batchSize);
    let next = 0;
    return inputs.map(input => ('refusal' in input ? input : scored[next++]!));
  };
  const verdictOf = (scored: Scored): Verdict => {
    if (!('refusal' in scored)) return judge(scored, manifest, calibration);
    const { code, reason } = scored.refusal;
    throw new GuardError('BAD_IMAGE', {
      where: 'check',
      expected: 'an input that can be decoded, prepared and scored',
      got: `${code}: ${reason}`,
      advice: 'do not take it for in-distribution',
      details: { reasonCode: code, reason },
    });
  };
  const checkOne = async (input: GuardInput) =>
    verdictOf((await scoreAll([asSample(input, 'input')], 1))[0]!);
  const explainOne = async (input: GuardInput): Promise<Explanation> => {
    const sample = plainSample(asSample(input, 'input'), manifest);
    const { scored, explanation } = 'refusal' in sample ? { scored: sample } : await engine.explain(sample);
    return { verdict: verdictOf(scored), ...explanation! };
  };
  const scoreBatch = async (samples: readonly Sample[], batchSize: number): Promise<Outcome[]> => {
    const scored = await scoreAll(samples, batchSize);
    return samples.map(({ id }, i) => {
      const own = scored[i]!;
      return 'refusal' in own ? { id, ...own } : { id, verdict: judge(own, manifest, calibration) };
    });
  };
  const checkMany = async (inputs: readonly GuardInput[], options: StreamOptions) => {
    const all: Outcome[] = [];
    const samples = inputs.map((input, i) => asSample(input, String(i)));
    for await (const outcome of outcomesOf(samples, { ...options, score: scoreBatch })) all.push(outcome);
    return all;
  };

  return {
    describe: () => manifest,
    async check(input, { signal } = {}) {
      signal?.throwIfAborted();
      const verdict = await underWay(() => checkOne(input));
      signal?.throwIfAborted();
      return verdict;
    },
    checkBatch: (inputs, options = {}) => underWay(() => checkMany(inputs, options)),
    checkStream: (samples, options) =>
      outcomesOf(samples, {
        ...options,
        score: (batch, batchSize) => underWay(() => scoreBatch(batch, batchSize)),
      }),
    async explain(input, { signal } = {}) {
      signal?.throwIfAborted();
      return underWay(() => explainOne(input));
    },
    close() {
      closing ??= Promise.allSettled(running).then(() => engine.close());
      return closing;
    },
  };
}

function asSample(input: GuardInput, id: string): Sample {
  if (input instanceof Uint8Array) return { id, bytes: input };
  if (input instanceof Float32Array) return { id, vector: input };
  return { id, pixels: input };
}

async function readCalibration(folder: string, { calibration }: Manifest): Promise<Sorted> {
  const { tensors } = await readSafetensors(join(folder, FILES.calibration), ['scores']);
  const sorted = Float64Array.from(tensors.scores!.data as Float32Array);
  const { threshold } = conformalThreshold({ sorted }, { alpha: calibration.alpha });
  if (threshold === calibration.threshold) return { sorted };
  throw new GuardError('CORRUPT_GUARD', {
    where: folder,
    expected: `the threshold ${threshold}, which follows from alpha = ${calibration.alpha} and the calibration scores`,
    got: `${calibration.threshold} in guard.json`,
    advice: 'restore guard.json, or calibrate anew: a threshold set by hand guarantees nothing',
    details: { folder },
  });
}

function closedError(where: string): GuardError {
  return new GuardError('CLOSED', { where, expected: 'an open guard', got: 'one that was closed' });
}
