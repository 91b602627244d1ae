import { errorFromData } from '@ood/core';
import { startWorker } from '@ood/core/node';
import { FlowsError } from '../errors.ts';
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
  const worker = startWorker(new URL('./training-worker.js', import.meta.url), {
    workerData: task,
    transferList: buffersOf(task.initial),
  });
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
      worker.on('error', cause => reject(failed((cause as Error).message, cause)));
      worker.on('exit', code => reject(failure ?? failed(`its end with code ${code}`)));
    });
  } finally {
    signal.removeEventListener('abort', abort);
    await feed.close();
    await worker.terminate();
  }
}

function failed(got: string, cause?: unknown): FlowsError {
  return new FlowsError('WORKER_FAILED', {
    where: 'the training thread',
    expected: 'a trained flow',
    got,
    advice: 'fit again; if it ends for lack of memory, take smaller batches',
    cause,
  });
}
