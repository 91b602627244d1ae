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

/** An error as plain data. */
export interface ErrorData {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** An error as data that survives the boundary between threads, its own fields included. */
export function errorData(error: unknown): ErrorData {
  if (!(error instanceof Error))
    return { name: 'Error', message: String(error), stack: undefined, fields: {} };
  const fields = Object.entries(error).filter(([, value]) =>
    ['string', 'number', 'boolean'].includes(typeof value),
  );
  return { name: error.name, message: error.message, stack: error.stack, fields: Object.fromEntries(fields) };
}

/** The error again, recognised by name, fields and marker like the original. */
export function errorFromData({ name, message, stack, fields }: ErrorData): Error {
  const error = Object.assign(new Error(message), fields, { name });
  if (stack !== undefined) error.stack = stack;
  if ('code' in fields) Object.assign(error, { [Symbol.for('ood.error')]: true });
  return error;
}

/** The buffers of arrays, for a transfer: each once, and only those that hold nothing else. */
export function buffersOf(arrays: NamedArrays): ArrayBuffer[] {
  const whole = Object.values(arrays)
    .map(({ data }) => data)
    .filter(data => data.byteLength === data.buffer.byteLength);
  return [...new Set(whole.map(data => data.buffer as ArrayBuffer))];
}
