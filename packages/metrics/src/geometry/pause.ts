import { type Progress, throwIfAborted } from '@ood/core';

/** Options of every computation that runs for more than an instant. */
export interface LongRunOptions {
  /** Stops the computation at its next pause. */
  readonly signal?: AbortSignal;
  /** Called now and then, and at the end with `done` equal to `total`: multiplications; the stage is the function's name. */
  readonly onProgress?: (progress: Progress) => void;
}

/** Multiplications between two pauses: some tens of milliseconds. */
const workBetweenPauses = 5e7;

/** Told how much work was done; returns a pause to await when one is due. */
export interface Pacer {
  (work: number): Promise<void> | undefined;
  /** Reports the end. */
  finish(): void;
}

/** Counts work of about `total` and now and then lets other tasks run, so that a signal can arrive; throws if one has. */
export function createPacer(stage: string, total: number, { signal, onProgress }: LongRunOptions): Pacer {
  let done = 0;
  let sincePause = 0;
  throwIfAborted(stage, signal);
  const pace = (work: number) => {
    done += work;
    sincePause += work;
    if (sincePause < workBetweenPauses) return undefined;
    sincePause = 0;
    return new Promise<void>(resolve => setTimeout(resolve, 0)).then(() => {
      throwIfAborted(stage, signal);
      onProgress?.({ stage, done: Math.min(done, total), total });
    });
  };
  return Object.assign(pace, { finish: () => onProgress?.({ stage, done: total, total }) });
}

/** The result of steps that yield the work of each, with pauses between them. */
export async function paced<Result>(
  steps: Generator<number, Result, undefined>,
  pace: Pacer,
): Promise<Result> {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    const pause = pace(step.value);
    if (pause) await pause;
  }
}
