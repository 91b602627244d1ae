import type { CreateProgress } from '@ood/guard';
import { consecutiveStages } from '../../output/consecutive-stages.ts';
import { extractionDetail } from '../../output/extraction-detail.ts';
import type { Progress } from '../../output/progress.ts';

const TITLES: Readonly<Record<CreateProgress['stage'], string>> = {
  extracting: 'extracting features',
  fitting: 'fitting',
  calibrating: 'calibrating',
  writing: 'writing',
};

/** What making a guard reports, as stages of the terminal; call `finish` at the end. */
export function fitProgress(progress: Progress) {
  const { update, finish } = consecutiveStages(progress);
  return {
    update({ stage, fraction, fit, ...extracting }: CreateProgress): void {
      const parts = [
        ...extractionDetail(extracting),
        ...(fit === undefined ? [] : [`${fit.stage}: ${fit.rows}`]),
      ];
      update(TITLES[stage], fraction, parts.join(', '));
    },
    finish,
  };
}
