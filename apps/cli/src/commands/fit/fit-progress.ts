import type { CreateProgress } from '@ood/guard';
import type { Progress, Stage } from '../../output/progress.ts';

const TITLES: Readonly<Record<CreateProgress['stage'], string>> = {
  extracting: 'extracting features',
  fitting: 'fitting',
  calibrating: 'calibrating',
  writing: 'writing',
};

/** What making a guard reports, as stages of the terminal. */
export function fitProgress(progress: Progress) {
  let current: { readonly name: string; readonly stage: Stage; detail: string } | undefined;
  const done = () => {
    current?.stage.done(current.detail);
    current = undefined;
  };
  const update = ({ stage, fraction, imagesPerSecond, failures = 0, fit }: CreateProgress): void => {
    if (current?.name !== stage) {
      done();
      current = { name: stage, stage: progress.stage(TITLES[stage]), detail: '' };
    }
    const parts = [
      ...(imagesPerSecond === undefined ? [] : [`${Math.round(imagesPerSecond)} images/s`]),
      ...(failures === 0 ? [] : [`${failures} unusable`]),
      ...(fit === undefined ? [] : [`${fit.stage}: ${fit.rows}`]),
    ];
    current.detail = parts.join(', ');
    current.stage.update(fraction, current.detail);
  };
  return { update, done };
}
