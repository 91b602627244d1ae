import { checkFeeds, checkFetches, isNames } from '../../session/check-tensors.ts';
import { copyInto } from '../../session/copy-into.ts';
import type { Runtime, Session, Tensor } from '../../session/session.ts';
import { nodeRuntime } from '../node-runtime.ts';
import { usableMemory } from '../usable-memory.ts';
import { type Host, startHost } from './host.ts';
import type { Created, IsolationLimits } from './messages.ts';
import { type Parcel, wrapModel } from './parcel.ts';

export interface IsolationOptions {
  /** Longest time for loading a model, and for each run, in ms. Default: 120,000. */
  readonly deadline?: number;
  /** Most memory (resident) of the process, in bytes. Default: half of the machine's, at most 16 GiB. */
  readonly maxMemory?: number;
  /** Most bytes that one output may have. Default: 2²⁸. */
  readonly maxOutputBytes?: number;
  /** Kills the process; what waits for it ends with `ABORTED`. */
  readonly signal?: AbortSignal | undefined;
}

export interface IsolatedRuntime extends Runtime {
  /** Ends the process and with it all sessions. */
  close(): Promise<void>;
}

const GIB = 2 ** 30;

/**
 * Returns a runtime whose sessions live in a process of their own: for models that nobody vouched for, whose graphs may loop for
 * ever, take all memory, or crash the engine. The calling thread stays free, so signals and timers work. One process serves all
 * sessions of a runtime, one request at a time; it starts with the first session, and again after it was killed. It does not keep
 * the program alive while nothing waits for it, and dies with the program.
 *
 * Errors of its sessions, besides those of `nodeRuntime`: `TIMED_OUT` past the deadline, `TOO_LARGE` beyond `maxMemory` or
 * `maxOutputBytes`, `ABORTED`, `WORKER_FAILED` where the engine itself crashed. A session whose process is gone repeats the error
 * that ended it; a new one can be created.
 *
 * Models and results travel between processes, so runs cost some milliseconds more, and starting takes about a third of a second:
 * meant for probes. Run a model that passed with `nodeRuntime`.
 */
export function isolatedRuntime(options: IsolationOptions = {}): IsolatedRuntime {
  const { deadline = 120_000, signal } = options;
  const limits: IsolationLimits = {
    maxMemory: options.maxMemory ?? Math.min(usableMemory() / 2, 16 * GIB),
    maxOutputBytes: options.maxOutputBytes ?? 2 ** 28,
  };
  let host: Host | undefined;

  return {
    name: nodeRuntime.name,
    version: nodeRuntime.version,
    async createSession(model, sessionOptions = {}) {
      const source =
        sessionOptions.source ?? (typeof model === 'string' ? model : `model of ${model.length} bytes`);
      if (host === undefined || host.ended) host = startHost({ limits, deadline, signal });
      return openSession(host, await wrapModel(model, { ...sessionOptions, source }));
    },
    async close() {
      await host?.end();
      host = undefined;
    },
  };
}

async function openSession(host: Host, parcel: Parcel): Promise<Session> {
  const { model, options, dispose } = parcel;
  const created = await host
    .ask<Created>({ kind: 'create', model, options })
    .catch(async (error: unknown) => {
      await dispose();
      throw error;
    });
  const { session, inputs, outputs } = created;
  let closing: Promise<void> | undefined;
  return {
    inputs,
    outputs,
    async run(feeds, fetches = outputs.map(output => output.name)) {
      checkFeeds(inputs, feeds);
      checkFetches(outputs, fetches);
      const names = isNames(fetches) ? fetches : Object.keys(fetches);
      const results = await host.ask<Record<string, Tensor>>({ kind: 'run', session, feeds, fetches: names });
      if (isNames(fetches)) return results;
      return Object.fromEntries(names.map(name => [name, copyInto(name, fetches[name]!, results[name]!)]));
    },
    close() {
      closing ??= (
        host.ended ? Promise.resolve() : host.ask({ kind: 'close', session }).catch(() => {})
      ).then(dispose);
      return closing;
    },
  };
}
