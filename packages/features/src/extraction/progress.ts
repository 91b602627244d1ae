/** State of a running extraction. */
export interface ExtractProgress {
  readonly stage: 'extracting';
  /** Samples dealt with, those without a row included. */
  readonly done: number;
  /** Of how many, where the source knows its length. */
  readonly total?: number;
  readonly rows: number;
  readonly failures: number;
  /** Mean over this run so far; absent without a clock. */
  readonly imagesPerSecond?: number;
  readonly secondsLeft?: number;
}

export interface ProgressCounts {
  done: number;
  rows: number;
  failures: number;
}

export interface ProgressOptions {
  readonly listener: ((progress: ExtractProgress) => void) | undefined;
  /** Milliseconds from any origin. */
  readonly now: (() => number) | undefined;
  readonly total: number | undefined;
  /** Samples taken over from an earlier run: done, but not by this run's speed. */
  readonly before: number;
}

/** A function that reports counts to the listener, with rates. */
export function progressMeter({
  listener,
  now,
  total,
  before,
}: ProgressOptions): (counts: ProgressCounts) => void {
  if (!listener) return () => undefined;
  const start = now?.();
  return counts => {
    const seconds = now && start !== undefined ? (now() - start) / 1000 : 0;
    const rate = seconds > 0 ? (counts.done - before) / seconds : 0;
    listener({
      stage: 'extracting',
      ...counts,
      ...(total !== undefined && { total }),
      ...(rate > 0 && { imagesPerSecond: rate }),
      ...(rate > 0 && total !== undefined && { secondsLeft: Math.max(0, total - counts.done) / rate }),
    });
  };
}
