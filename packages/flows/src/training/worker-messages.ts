import type { ErrorData } from '@ood/core';
import type { NamedArrays } from '../contract/arrays.ts';
import type { TrainingProgram } from '../engine/training-program.ts';
import type { Batch } from './batch-feed.ts';
import type { CheckpointIdentity } from './checkpoint.ts';
import type { StepReport, Trained, TrainingPlan } from './train.ts';

/** What a training worker is started with. */
export interface WorkerTask {
  readonly program: TrainingProgram;
  readonly initial: NamedArrays;
  readonly plan: TrainingPlan;
  readonly threads: number | undefined;
  readonly checkpoint: { readonly path: string; readonly identity: CheckpointIdentity } | undefined;
}

/** From the owner of the rows to the worker. */
export type ToWorker =
  /** The reply to `next`, with the number of `open` messages before it. */
  | { readonly kind: 'batch'; readonly pass: number; readonly batch: Batch | null }
  | { readonly kind: 'abort' };

/** From the worker to the owner of the rows. */
export type FromWorker =
  | { readonly kind: 'open'; readonly epoch: number; readonly skip: number }
  /** Asks for one batch. */
  | { readonly kind: 'next' }
  | { readonly kind: 'report'; readonly report: StepReport }
  | { readonly kind: 'trained'; readonly trained: Trained }
  | { readonly kind: 'error'; readonly error: ErrorData };

/** The buffers of arrays, for a transfer: each once, and only those that hold nothing else. */
export function buffersOf(arrays: NamedArrays): ArrayBuffer[] {
  const whole = Object.values(arrays)
    .map(({ data }) => data)
    .filter(data => data.byteLength === data.buffer.byteLength);
  return [...new Set(whole.map(data => data.buffer as ArrayBuffer))];
}
