import { Worker } from 'node:worker_threads';
import { errorFromData } from '@ood/core';
import { GuardError } from '../errors.ts';
import type { Engine } from './engine.ts';
import type { Reply, Request, WorkerTask } from './messages.ts';

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

type Unnumbered<T> = T extends unknown ? Omit<T, 'id'> : never;

/** An engine in a thread of its own, because the runtime blocks the thread it computes on. */
export async function openWorkerEngine(task: WorkerTask): Promise<Engine> {
  const worker = startWorker(task);
  const pending = new Map<number, Pending>();
  let next = 0;
  const expect = <T>(id: number) =>
    new Promise<T>((resolve, reject) => {
      pending.set(id, { resolve: resolve as Pending['resolve'], reject });
    });
  let ended: GuardError | undefined;
  const failAll = (error: GuardError) => {
    ended ??= error;
    for (const { reject } of pending.values()) reject(error);
    pending.clear();
  };
  worker.on('message', (reply: Reply) => {
    const waiting = pending.get(reply.id);
    pending.delete(reply.id);
    if ('error' in reply) waiting?.reject(errorFromData(reply.error));
    else waiting?.resolve(reply.value);
    if (pending.size === 0) worker.unref();
  });
  worker.on('error', cause => failAll(workerFailed(cause.message, cause)));
  worker.on('exit', code => failAll(workerFailed(`its end with code ${code}`)));

  const ask = async <T>(request: Unnumbered<Request>): Promise<T> => {
    if (ended !== undefined) throw ended;
    const id = ++next;
    // Before anything waits for an answer: it throws for what cannot be copied into the thread.
    worker.postMessage({ ...request, id });
    worker.ref();
    return expect<T>(id);
  };
  try {
    await expect(next);
  } catch (error) {
    await worker.terminate();
    throw error;
  }
  return {
    judge: (samples, batchSize) => ask({ kind: 'judge', samples, batchSize }),
    explain: sample => ask({ kind: 'explain', sample }),
    async close() {
      if (ended === undefined) await ask({ kind: 'close' });
      await worker.terminate();
    },
  };
}

/** Starts the thread from `dist` as it is; from source (tests, benchmarks) through the loader of the workspace. */
function startWorker(workerData: WorkerTask): Worker {
  if (!import.meta.url.endsWith('.ts')) {
    return new Worker(new URL('./engine-worker.js', import.meta.url), { workerData });
  }
  const loader = JSON.stringify(import.meta.resolve('tsx/esm/api'));
  const entry = JSON.stringify(new URL('./engine-worker.ts', import.meta.url).href);
  const start = `import(${loader}).then(tsx => { tsx.register(); return import(${entry}); })`;
  return new Worker(start, { workerData, eval: true, execArgv: ['--conditions=@ood/source'] });
}

function workerFailed(got: string, cause?: unknown): GuardError {
  return new GuardError('WORKER_FAILED', {
    where: "the guard's thread",
    expected: 'an answer',
    got,
    advice: 'open the guard again; if it ends for lack of memory, give smaller batches',
    cause,
  });
}
