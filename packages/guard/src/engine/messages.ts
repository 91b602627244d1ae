import type { ErrorData } from '@ood/core';
import type { Sample } from '@ood/features';
import type { Manifest } from '../folder/manifest.ts';
import type { Engine } from './engine.ts';

/** What a worker is started with. */
export interface WorkerTask {
  readonly folder: string;
  readonly manifest: Manifest;
  readonly threads?: number | undefined;
}

export type Request =
  | {
      readonly id: number;
      readonly kind: 'judge';
      readonly samples: readonly Sample[];
      readonly batchSize: number;
    }
  | { readonly id: number; readonly kind: 'explain'; readonly sample: Sample }
  | { readonly id: number; readonly kind: 'close' };

/** The first reply, of id 0, says that the worker is ready or why it cannot be. */
export type Reply =
  | { readonly id: number; readonly value: Awaited<ReturnType<Engine['judge' | 'explain' | 'close']>> | null }
  | { readonly id: number; readonly error: ErrorData };
