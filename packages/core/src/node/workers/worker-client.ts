import type { Transferable, Worker } from 'node:worker_threads';
import { CoreError } from '../../errors/core-error.ts';
import { errorFromData } from '../../errors/error-data.ts';
import { throwIfAborted } from '../../options/throw-if-aborted.ts';
import type { FromWorker, ToWorker } from './messages.ts';

export interface WorkerClientOptions {
  /** Starts the thread, which answers by `serveRequests`. Called at the first request. */
  readonly start: () => Worker;
  /** What the thread is called in messages: `the guard's thread`. */
  readonly where: string;
  /** What to do after its end. */
  readonly advice?: string | undefined;
  /** Whether a request after the thread's end starts another. Default: false, it is refused as those before it. */
  readonly restart?: boolean | undefined;
}

export interface RequestOptions {
  /** Gives the request up: the call rejects at once, and the handler's own signal aborts. */
  readonly signal?: AbortSignal | undefined;
  /** Memory of the request that is moved instead of copied. */
  readonly transfer?: readonly Transferable[] | undefined;
}

/** A thread that answers requests. It keeps the process running only while one is open. */
export interface WorkerClient<Request> {
  /**
   * The thread's answer.
   *
   * @throws what the handler throws, with its code, details and causes; CoreError `WORKER_FAILED` where the thread ends before,
   *   `ABORTED`, `CLOSED`, `INVALID_VALUE` for a request that cannot be copied
   */
  request<Reply>(request: Request, options?: RequestOptions): Promise<Reply>;
  /** Ends the thread, whatever it does; open requests reject with `CLOSED`. */
  close(): Promise<void>;
}

interface Pending {
  readonly resolve: (reply: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** A client of a thread of its own, for work that blocks the thread it runs in. */
export function createWorkerClient<Request>(options: WorkerClientOptions): WorkerClient<Request> {
  const { where, restart = false } = options;
  const pending = new Map<number, Pending>();
  let worker: Worker | undefined;
  let failure: CoreError | undefined;
  let closed = false;
  let last = 0;

  const settle = (id: number): Pending | undefined => {
    const waiting = pending.get(id);
    pending.delete(id);
    if (pending.size === 0) worker?.unref();
    return waiting;
  };
  const rejectAll = (error: CoreError) => {
    for (const id of [...pending.keys()]) settle(id)?.reject(error);
  };
  const start = (): Worker => {
    const started = options.start();
    const fail = (got: string, cause?: unknown) => {
      if (worker !== started) return;
      worker = undefined;
      failure = failed(options, got, cause);
      rejectAll(failure);
      void started.terminate();
    };
    started.on('message', (message: FromWorker) => {
      const waiting = settle(message.id);
      if ('error' in message) waiting?.reject(errorFromData(message.error));
      else waiting?.resolve(message.reply);
    });
    started.on('messageerror', cause => fail('an answer that cannot be read', cause));
    started.on('error', cause => fail((cause as Error | undefined)?.message ?? String(cause), cause));
    started.on('exit', code => fail(`its end with code ${code}`));
    return started;
  };

  return {
    request<Reply>(request: Request, { signal, transfer = [] }: RequestOptions = {}): Promise<Reply> {
      return new Promise<Reply>((resolve, reject) => {
        if (closed) throw isClosed(where);
        throwIfAborted(where, signal);
        if (worker === undefined && failure !== undefined && !restart) throw failure;
        worker ??= start();
        const id = ++last;
        const abort = () => {
          worker?.postMessage({ abort: id } satisfies ToWorker);
          settle(id)?.reject(aborted(where, signal));
        };
        const release = () => signal?.removeEventListener('abort', abort);
        pending.set(id, {
          resolve: reply => {
            release();
            resolve(reply as Reply);
          },
          reject: error => {
            release();
            reject(error);
          },
        });
        worker.ref();
        try {
          worker.postMessage({ id, request } satisfies ToWorker, transfer);
        } catch (cause) {
          settle(id)?.reject(notSendable(where, cause));
          return;
        }
        signal?.addEventListener('abort', abort, { once: true });
      });
    },
    async close() {
      closed = true;
      const ending = worker;
      worker = undefined;
      rejectAll(isClosed(where));
      await ending?.terminate();
    },
  };
}

function failed(
  { where, advice = 'run it again' }: WorkerClientOptions,
  got: string,
  cause: unknown,
): CoreError {
  return new CoreError('WORKER_FAILED', { where, expected: 'an answer', got, advice, cause });
}

function isClosed(where: string): CoreError {
  return new CoreError('CLOSED', {
    where,
    expected: 'a request before its end',
    got: 'a closed thread',
    advice: 'open it again',
  });
}

function aborted(where: string, signal: AbortSignal | undefined): unknown {
  try {
    throwIfAborted(where, signal);
  } catch (error) {
    return error;
  }
  return undefined;
}

function notSendable(where: string, cause: unknown): CoreError {
  return new CoreError('INVALID_VALUE', {
    where,
    expected: 'data that can be copied into a thread',
    got: cause instanceof Error ? cause.message : String(cause),
    advice: 'pass plain data: no functions, no detached or shared memory',
    cause,
  });
}
