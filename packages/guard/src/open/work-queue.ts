import { throwIfAborted } from '@ood/core';

/** Work that an engine does in turn, a little of it at once. */
export interface WorkQueue {
  /**
   * Does the work when its turn comes. An abort ends the wait at once, whether the turn has come or not.
   *
   * @throws CoreError `ABORTED`; whatever the work throws
   */
  run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T>;
  /** Resolves when nothing waits or runs, not even work that was aborted. */
  idle(): Promise<void>;
}

/** @param most how much work runs at once: one batch computes while the next one decodes */
export function createWorkQueue(where: string, most: number): WorkQueue {
  const waiting = new Set<() => void>();
  const idle: (() => void)[] = [];
  let running = 0;

  const next = () => {
    for (const start of waiting) {
      if (running >= most) return;
      waiting.delete(start);
      running++;
      start();
    }
    if (running === 0 && waiting.size === 0) for (const resolve of idle.splice(0)) resolve();
  };
  const turn = (signal: AbortSignal | undefined) =>
    new Promise<void>((resolve, reject) => {
      const start = () => {
        signal?.removeEventListener('abort', abort);
        resolve();
      };
      const abort = () => {
        waiting.delete(start);
        reject(aborted(where, signal));
        next();
      };
      signal?.addEventListener('abort', abort, { once: true });
      waiting.add(start);
      next();
    });

  return {
    async run(work, signal) {
      throwIfAborted(where, signal);
      await turn(signal);
      const done = work().finally(() => {
        running--;
        next();
      });
      return signal ? orAborted(done, where, signal) : done;
    },
    idle: () =>
      new Promise(resolve => {
        idle.push(resolve);
        next();
      }),
  };
}

/** The result, or the abort if that comes first; the work goes on unseen. */
function orAborted<T>(done: Promise<T>, where: string, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const abort = () => reject(aborted(where, signal));
    signal.addEventListener('abort', abort, { once: true });
    done.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

function aborted(where: string, signal: AbortSignal | undefined): unknown {
  try {
    throwIfAborted(where, signal);
    return undefined;
  } catch (error) {
    return error;
  }
}
