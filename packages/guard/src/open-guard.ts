import { join, resolve } from 'node:path';
import { hashPreprocessing, type Preprocessing, readSafetensors, type Sample } from '@ood/features';
import { conformalThreshold, type Calibration as Sorted } from '@ood/metrics';
import type { Runtime } from '@ood/onnx';
import type { Guard, GuardInput, Outcome, Verdict } from './contract/guard.ts';
import { openEngine, type Scored } from './engine/engine.ts';
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

const BATCH = 16;

/**
 * Opens the guard in a folder: every file is verified by its SHA-256, the preprocessing by its hash, and decoder,
 * preprocessing and backbone together by the logits of stored probe images.
 *
 * @throws GuardError `GUARD_NOT_FOUND`, `FOREIGN_FOLDER`, `NEWER_VERSION`, `CORRUPT_GUARD`, `PREPROCESSING_CHANGED`,
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
  const threading = threads === undefined ? {} : { threads };
  const engine = worker
    ? await openWorkerEngine({ folder: path, manifest, ...threading })
    : await openEngine(path, manifest, { ...threading, ...(runtime && { runtime }) });

  let closed = false;
  const requireOpen = () => {
    if (closed) throw closedError(folder);
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
  const outcomeOf = (id: string, scored: Scored): Outcome =>
    'refusal' in scored
      ? { id, refusal: scored.refusal }
      : { id, verdict: judge(scored, manifest, calibration) };

  async function* checkStream(
    samples: AsyncIterable<Sample> | Iterable<Sample>,
    { batchSize = BATCH, signal }: { readonly batchSize?: number; readonly signal?: AbortSignal } = {},
  ): AsyncGenerator<Outcome> {
    // One batch computes while the next one is read and decoded.
    const underWay: { readonly samples: readonly Sample[]; readonly scored: Promise<Scored[]> }[] = [];
    const start = (batch: readonly Sample[]) => {
      const scored = engine.score(batch, batchSize);
      scored.catch(() => {});
      underWay.push({ samples: batch, scored });
    };
    const finish = async (): Promise<Outcome[]> => {
      const batch = underWay.shift()!;
      const scored = await batch.scored;
      return batch.samples.map((sample, i) => outcomeOf(sample.id, scored[i]!));
    };
    let batch: Sample[] = [];
    for await (const sample of samples) {
      signal?.throwIfAborted();
      requireOpen();
      batch.push(sample);
      if (batch.length < batchSize) continue;
      start(batch);
      batch = [];
      if (underWay.length > 1) yield* await finish();
    }
    if (batch.length > 0) start(batch);
    while (underWay.length > 0) {
      signal?.throwIfAborted();
      yield* await finish();
    }
  }

  return {
    describe: () => manifest,
    async check(input, { signal } = {}) {
      requireOpen();
      signal?.throwIfAborted();
      const [scored] = await engine.score([asSample(input, 'input')], 1);
      signal?.throwIfAborted();
      return verdictOf(scored!);
    },
    async checkBatch(inputs, streaming = {}) {
      requireOpen();
      const outcomes: Outcome[] = [];
      const samples = inputs.map((input, i) => asSample(input, String(i)));
      for await (const outcome of checkStream(samples, streaming)) outcomes.push(outcome);
      return outcomes;
    },
    checkStream,
    async explain(input, { signal } = {}) {
      requireOpen();
      signal?.throwIfAborted();
      const { scored, explanation } = await engine.explain(asSample(input, 'input'));
      const verdict = verdictOf(scored);
      return { verdict, ...explanation! };
    },
    async close() {
      if (closed) return;
      closed = true;
      await engine.close();
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
