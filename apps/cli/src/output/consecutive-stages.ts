import type { Progress, Stage } from './progress.ts';

/** Stages one after the other: news of another title ends the stage before. Call `finish` at the end. */
export function consecutiveStages(progress: Progress) {
  let current: { readonly title: string; readonly stage: Stage; detail: string } | undefined;
  const finish = (): void => {
    current?.stage.done(current.detail);
    current = undefined;
  };
  const update = (title: string, fraction: number | undefined, detail: string): void => {
    if (current?.title !== title) {
      finish();
      current = { title, stage: progress.stage(title), detail };
    }
    current.detail = detail;
    current.stage.update(fraction, detail);
  };
  return { update, finish };
}
