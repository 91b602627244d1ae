import { throwIfAborted } from '../input/options.ts';

/** Options of every computation that runs for more than an instant. */
export interface LongRunOptions {
  /** Stops the computation at its next pause. */
  readonly signal?: AbortSignal;
  /** Share done: grows, and ends with 1. */
  readonly onProgress?: (share: number) => void;
}

/** Multiplications between two pauses: some tens of milliseconds. */
const workBetweenPauses = 5e7;

/** Told how much work was done; returns a pause to await when one is due. */
export type Pacer = (work: number) => Promise<void> | undefined;

/** Counts work of about `total` and now and then lets other tasks run, so that a signal can arrive; throws if one has. */
export function createPacer(where: string, total: number, { signal, onProgress }: LongRunOptions): Pacer {
  let done = 0;
  let sincePause = 0;
  throwIfAborted(where, signal);
  return work => {
    done += work;
    sincePause += work;
    if (sincePause < workBetweenPauses) return undefined;
    sincePause = 0;
    return new Promise<void>(resolve => setTimeout(resolve, 0)).then(() => {
      throwIfAborted(where, signal);
      onProgress?.(Math.min(1, done / total));
    });
  };
}
