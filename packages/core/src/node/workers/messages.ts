import type { ErrorData } from '../../errors/error-data.ts';

/** To the thread. */
export type ToWorker = { readonly id: number; readonly request: unknown } | { readonly abort: number };

/** From the thread: the answer to the request of this number. */
export type FromWorker =
  | { readonly id: number; readonly reply: unknown }
  | { readonly id: number; readonly error: ErrorData };
