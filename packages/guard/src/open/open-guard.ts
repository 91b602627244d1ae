import { resolve } from 'node:path';
import { anything, flag, having, type Rule, requireOptions, whole } from '@ood/core';
import { hashPreprocessing, type Preprocessing, parsePreprocessing, type Sample } from '@ood/features';
import type { Runtime } from '@ood/onnx';
import { openEngine } from '../engine/engine.ts';
import { openWorkerEngine } from '../engine/worker-engine.ts';
import { GuardError } from '../errors.ts';
import { preprocessingChanged } from '../folder/folder-errors.ts';
import { isSha256 } from '../folder/manifest-shape.ts';
import { readFolder } from '../folder/read-folder.ts';
import { type Key, verifyingKey } from '../folder/signature.ts';
import type { Guard, Outcome, Refusal, StreamOptions, Verdict } from './guard.ts';
import { outcomesOf } from './outcomes.ts';
import { asSample, plainSample } from './plain-sample.ts';
import { createWorkQueue } from './work-queue.ts';

export interface OpenGuardOptions {
  /** Compute in a thread of its own, which keeps the event loop free. Default: true, unless a runtime is given. */
  readonly worker?: boolean | undefined;
  /** Engine for this thread. Default: onnxruntime-node. */
  readonly runtime?: Runtime | undefined;
  /** Threads of the runtime. Default: its own choice. */
  readonly threads?: number | undefined;
  /** The preprocessing that the caller counts on; another one in the guard is an error. */
  readonly preprocessing?: Preprocessing | undefined;
  /** The digest that the guard must have, as `guardDigest` and `ood fit` give it: another guard is an error. */
  readonly digest?: string | undefined;
  /** Ed25519 public key (PEM, or a key of Node's crypto) that must have signed the guard. */
  readonly verify?: Key | undefined;
  /** Most calls of `check`, `checkBatch` and `explain` at a time, those that wait for others included; more are refused. Default: 256. */
  readonly queue?: number | undefined;
}

const rules = {
  worker: flag,
  runtime: having('a runtime', 'createSession'),
  threads: whole,
  preprocessing: [value => typeof value === 'object' && value !== null, 'a preprocessing'],
  digest: [isSha256, 'a digest of 64 hexadecimal digits, lower case'],
  verify: anything,
  queue: whole,
} as const satisfies Record<keyof OpenGuardOptions, Rule>;

const callRules = { signal: having('an AbortSignal', 'throwIfAborted') };
const streamRules = { ...callRules, batchSize: whole };

/**
 * Opens the guard in a folder, after verifying it: the closed list of its files by their SHA-256, the whole by `digest` or
 * `verify` where given, the preprocessing by its hash, and decoder, preprocessing, model and decision together by what they say of
 * stored probe inputs.
 *
 * @throws CoreError `INVALID_OPTION`, `PERMISSION_DENIED`, `READ_FAILED`; GuardError `FILE_NOT_FOUND`, `FOREIGN_FILE`, `NEWER_VERSION`,
 *   `OLDER_VERSION`, `CORRUPT_FILE`, `DIGEST_MISMATCH`, `BAD_SIGNATURE`, `PREPROCESSING_CHANGED`, `PROBE_MISMATCH`; OnnxError for a
 *   graph that the engine refuses
 */
export async function openGuard(folder: string, options: OpenGuardOptions = {}): Promise<Guard> {
  requireOptions('openGuard', options, rules);
  const {
    preprocessing,
    runtime,
    threads,
    worker = runtime === undefined,
    digest: wanted,
    queue = 256,
  } = options;
  const verify =
    options.verify === undefined ? undefined : verifyingKey('openGuard', 'verify', options.verify);
  const path = resolve(folder);
  const { manifest, digest } = await readFolder(path, { digest: wanted, verify });
  if (preprocessing) requireSame(folder, preprocessing, manifest.preprocessingHash);
  const engine = worker
    ? await openWorkerEngine({ folder: path, manifest, threads })
    : await openEngine(path, manifest, { runtime, threads });

  let closing: Promise<void> | undefined;
  const running = new Set<Promise<unknown>>();
  const work = createWorkQueue(folder, 2);
  /** Starts a call that closing waits for. */
  const underWay = async <T>(start: () => Promise<T>, most = queue): Promise<T> => {
    if (closing !== undefined) throw closed(folder);
    if (running.size >= most) throw full(folder, most);
    const call = start();
    running.add(call);
    return call.finally(() => running.delete(call));
  };
  const scoreBatch = async (
    given: readonly (() => Sample)[],
    { batchSize, signal }: { readonly batchSize: number; readonly signal?: AbortSignal | undefined },
  ): Promise<Outcome[]> => {
    const inputs = given.map(sample => plainSample(sample, manifest));
    const usable = inputs.filter((input): input is Sample => !('refusal' in input));
    const judged = await work.run(() => engine.judge(usable, batchSize), signal);
    let next = 0;
    return inputs.map((input, i) =>
      'refusal' in input ? { id: idOf(given[i]!, i), ...input } : { id: input.id, ...judged[next++]! },
    );
  };

  return {
    digest,
    warnings: manifest.warnings,
    describe: () => manifest,
    async check(input, options = {}) {
      requireOptions('check', options, callRules);
      const sample = () => asSample(input, 'input');
      const [outcome] = await underWay(() => scoreBatch([sample], { ...options, batchSize: 1 }));
      return verdictOf(outcome!);
    },
    async checkBatch(inputs, options = {}) {
      requireOptions('checkBatch', options, streamRules);
      const samples = Array.from(inputs, (input, i) => () => asSample(input, String(i)));
      return underWay(() => arrayOf(outcomesOf(samples, { ...options, score: scoreWith(options) })));
    },
    checkStream(samples, options = {}) {
      requireOptions('checkStream', options, streamRules);
      const score = scoreWith(options);
      return outcomesOf(thunks(samples), {
        ...options,
        // One of many batches must not be lost for want of a place: a stream asks for no more than it can use.
        score: (batch, batchSize) => underWay(() => score(batch, batchSize), Number.POSITIVE_INFINITY),
      });
    },
    async explain(input, options = {}) {
      requireOptions('explain', options, callRules);
      const sample = plainSample(() => asSample(input, 'input'), manifest);
      if ('refusal' in sample) throw badInput(sample.refusal);
      const { judged, explanation } = await underWay(() =>
        work.run(() => engine.explain(sample), options.signal),
      );
      return { verdict: verdictOf(judged), ...explanation! };
    },
    close() {
      closing ??= Promise.allSettled(running)
        .then(() => work.idle())
        .then(() => engine.close());
      return closing;
    },
  };

  function scoreWith({ signal }: StreamOptions) {
    return (batch: readonly (() => Sample)[], batchSize: number) => scoreBatch(batch, { batchSize, signal });
  }
}

async function arrayOf<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

function closed(where: string): GuardError {
  return new GuardError('CLOSED', { where, expected: 'an open guard', got: 'one that was closed' });
}

function full(where: string, most: number): GuardError {
  return new GuardError('QUEUE_FULL', {
    where,
    expected: `at most ${most} calls at a time`,
    got: 'one more',
    advice: 'wait for some answers before asking more, or open the guard with a longer queue',
    details: { queue: most },
  });
}

function verdictOf(judged: { readonly verdict: Verdict } | { readonly refusal: Refusal }): Verdict {
  if ('verdict' in judged) return judged.verdict;
  throw badInput(judged.refusal);
}

function badInput({ code, reason }: Refusal): GuardError {
  return new GuardError('BAD_INPUT', {
    where: 'check',
    expected: 'an input that can be decoded, prepared and scored',
    got: `${code}: ${reason}`,
    advice: 'do not take it for in-distribution',
    details: { reasonCode: code, reason },
  });
}

function requireSame(folder: string, preprocessing: Preprocessing, hash: string | null): void {
  const found = hashPreprocessing(parsePreprocessing(preprocessing));
  if (found !== hash) throw preprocessingChanged(folder, hash ?? 'none', found);
}

/** The id of a sample that may throw when it is read. */
function idOf(sample: () => Sample, index: number): string {
  try {
    return String(sample().id);
  } catch {
    return String(index);
  }
}

async function* thunks(samples: AsyncIterable<Sample> | Iterable<Sample>): AsyncGenerator<() => Sample> {
  for await (const sample of samples) yield () => sample;
}
