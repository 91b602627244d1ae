import { Worker } from 'node:worker_threads';
import { errorFromData } from '@ood/core';
import type { BatchFeed } from './batch-feed.ts';
import type { StepReport, Trained } from './train.ts';
import { buffersOf, type FromWorker, type ToWorker, type WorkerTask } from './worker-messages.ts';

export interface WorkerHooks {
  readonly feed: BatchFeed;
  readonly report: (report: StepReport) => void;
  readonly signal: AbortSignal;
}

/**
 * Trains in a thread of its own, because the runtime blocks the thread it computes on. The rows stay here: the worker asks
 * for batches a few ahead. The parameters handed in are moved to the worker and are empty afterwards.
 */
export async function trainInWorker(
  task: WorkerTask,
  { feed, report, signal }: WorkerHooks,
): Promise<Trained> {
  signal.throwIfAborted();
  const worker = startWorker(task);
  const send = (message: ToWorker, transfer: ArrayBuffer[] = []) => worker.postMessage(message, transfer);
  const abort = () => send({ kind: 'abort' });
  signal.addEventListener('abort', abort);
  try {
    return await new Promise<Trained>((resolve, reject) => {
      let failure: unknown;
      let pass = 0;
      // Requests are answered one after another, in the order in which they came.
      let work = Promise.resolve();
      const enqueue = (job: () => Promise<void>) => {
        work = work.then(job).catch((error: unknown) => {
          failure ??= error;
          abort();
        });
      };
      worker.on('message', (message: FromWorker) => {
        switch (message.kind) {
          case 'open':
            pass++;
            return enqueue(() => feed.open(message.epoch, message.skip));
          case 'next': {
            const asked = pass;
            return enqueue(async () => {
              if (asked !== pass || failure !== undefined || signal.aborted) return;
              const batch = await feed.next();
              send({ kind: 'batch', pass: asked, batch }, batch ? [batch.data.buffer as ArrayBuffer] : []);
            });
          }
          case 'report':
            try {
              return report(message.report);
            } catch (error) {
              failure ??= error;
              return abort();
            }
          case 'trained':
            return resolve(message.trained);
          case 'error':
            return reject(failure ?? (signal.aborted ? signal.reason : errorFromData(message.error)));
        }
      });
      worker.on('error', reject);
      worker.on('exit', code =>
        reject(failure ?? new Error(`the training worker ended early with code ${code}`)),
      );
    });
  } finally {
    signal.removeEventListener('abort', abort);
    await feed.close();
    await worker.terminate();
  }
}

/** Starts the thread from `dist` as it is; from source (tests, benchmarks) through the loader of the workspace. */
function startWorker(task: WorkerTask): Worker {
  const options = { workerData: task, transferList: buffersOf(task.initial) };
  if (!import.meta.url.endsWith('.ts'))
    return new Worker(new URL('./training-worker.js', import.meta.url), options);
  const loader = JSON.stringify(import.meta.resolve('tsx/esm/api'));
  const entry = JSON.stringify(new URL('./training-worker.ts', import.meta.url).href);
  const start = `import(${loader}).then(tsx => { tsx.register(); return import(${entry}); })`;
  return new Worker(start, { ...options, eval: true, execArgv: ['--conditions=@ood/source'] });
}
