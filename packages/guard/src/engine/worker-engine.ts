import { createWorkerClient, startWorker } from '@ood/core/node';
import type { Sample } from '@ood/features';
import type { Manifest } from '../folder/manifest.ts';
import type { Engine } from './engine.ts';

/** What the thread is started with. */
export interface WorkerTask {
  readonly folder: string;
  readonly manifest: Manifest;
  readonly threads?: number | undefined;
}

export type EngineRequest =
  | { readonly kind: 'open' | 'close' }
  | { readonly kind: 'judge'; readonly samples: readonly Sample[]; readonly batchSize: number }
  | { readonly kind: 'explain'; readonly sample: Sample };

/**
 * An engine in a thread of its own, because the runtime blocks the thread it computes on. A thread that ends fails the requests
 * it had; the next request starts another, which verifies the guard anew.
 */
export async function openWorkerEngine(workerData: WorkerTask): Promise<Engine> {
  const client = createWorkerClient<EngineRequest>({
    where: "the guard's thread",
    start: () => startWorker(new URL('./engine-worker.js', import.meta.url), { workerData }),
    restart: true,
    advice: 'ask again; if it ends for lack of memory, give smaller batches',
  });
  try {
    await client.request({ kind: 'open' });
  } catch (error) {
    await client.close();
    throw error;
  }
  return {
    judge: (samples, batchSize) => client.request({ kind: 'judge', samples, batchSize }),
    explain: sample => client.request({ kind: 'explain', sample }),
    async close() {
      // A thread that has ended has nothing left to close.
      await client.request({ kind: 'close' }).catch(() => undefined);
      await client.close();
    },
  };
}
