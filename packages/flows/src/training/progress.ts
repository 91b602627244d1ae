import type { StepReport } from './train.ts';

/** What `onProgress` is told after every step. */
export interface FitProgress extends Omit<StepReport, 'step'> {
  readonly stage: 'training';
  /** Steps taken. */
  readonly done: number;
  /** Steps at most: training may stop early. */
  readonly total: number;
  readonly totalEpochs: number;
  /** Rows trained on a second, over the whole run; `null` without `now`. */
  readonly samplesPerSecond: number | null;
  /** Seconds left at that speed if training does not stop early; `null` without `now`. */
  readonly secondsLeft: number | null;
}

export interface ProgressOptions {
  readonly totalSteps: number;
  readonly totalEpochs: number;
  readonly batchSize: number;
  /** Milliseconds since some moment, e.g. `performance.now`. */
  readonly now: (() => number) | undefined;
}

/** Adds speed and time left to the reports of the loop. The first step, which includes warming up, is not counted. */
export function progressMeter(
  { totalSteps, totalEpochs, batchSize, now }: ProgressOptions,
  listener: (progress: FitProgress) => void,
): (report: StepReport) => void {
  let start: { time: number; step: number } | undefined;
  return ({ step, ...report }) => {
    const time = now?.();
    if (time !== undefined) start ??= { time, step };
    const seconds = start && time !== undefined ? (time - start.time) / 1000 : 0;
    const speed = start && seconds > 0 ? (step - start.step) / seconds : null;
    listener({
      ...report,
      stage: 'training',
      done: step,
      total: totalSteps,
      totalEpochs,
      samplesPerSecond: speed === null ? null : speed * batchSize,
      secondsLeft: speed === null ? null : (totalSteps - step) / speed,
    });
  };
}
