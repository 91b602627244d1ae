import type { Sample } from '@ood/features';
import type { Manifest } from '../folder/manifest.ts';
import type { Engine } from './engine.ts';

/** What a worker is started with. */
export interface WorkerTask {
  readonly folder: string;
  readonly manifest: Manifest;
  readonly threads?: number;
}

export type Request =
  | {
      readonly id: number;
      readonly kind: 'score';
      readonly samples: readonly Sample[];
      readonly batchSize: number;
    }
  | { readonly id: number; readonly kind: 'explain'; readonly sample: Sample }
  | { readonly id: number; readonly kind: 'close' };

/** The first reply, of id 0, says that the worker is ready or why it cannot be. */
export type Reply =
  | { readonly id: number; readonly value: Awaited<ReturnType<Engine['score' | 'explain' | 'close']>> | null }
  | { readonly id: number; readonly error: ErrorData };

/** An error as plain data. */
export interface ErrorData {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly details?: unknown;
  readonly known: boolean;
}

const marker = Symbol.for('ood.error');

export function errorData(error: unknown): ErrorData {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error), known: false };
  const { name, message, code, details } = error as Error & { code?: string; details?: unknown };
  return {
    name,
    message,
    ...(code !== undefined && { code }),
    ...(details !== undefined && { details: JSON.parse(JSON.stringify(details)) as unknown }),
    known: marker in error,
  };
}

/** The error again, recognisable by the guards of its package (`isOodError` …). */
export function errorFromData({ name, message, code, details, known }: ErrorData): Error {
  const error = new Error(message);
  Object.defineProperty(error, 'name', { value: name });
  return Object.assign(error, {
    ...(code !== undefined && { code }),
    ...(details !== undefined && { details }),
    ...(known && { [marker]: true }),
  });
}
