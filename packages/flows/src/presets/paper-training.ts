import { flag, type Rule, whole } from '@ood/core';
import type { TrainingSettings } from '../training/settings.ts';

/** Training options of the paper's presets. */
export interface PaperTrainingOptions {
  /** Steps of batches of 250, whatever the passes over the rows that they take. Default: 5,125, the paper's epoch. */
  readonly steps?: number;
  /**
   * Hold a tenth of the rows out, measure their likelihood every 100 steps, return the weights of the best, and stop after ten
   * measurements without a better one. Needs ID rows only. Default: false, as in the paper.
   */
  readonly earlyStopping?: boolean;
}

export const paperTrainingRules: Readonly<Record<keyof PaperTrainingOptions, Rule>> = {
  steps: whole,
  earlyStopping: flag,
};

/** Steps of the paper's one epoch: 1,281,167 rows of ImageNet-1k in batches of 250. */
export const PAPER_STEPS = 5125;

/** The paper's training (Cook et al. 2024): Adam 1e-5, batch 250, nothing else. */
export function paperTraining({
  steps = PAPER_STEPS,
  earlyStopping = false,
}: PaperTrainingOptions): Partial<TrainingSettings> {
  return {
    optimizer: 'adam',
    learningRate: 1e-5,
    schedule: 'constant',
    batchSize: 250,
    steps,
    weightDecay: 0,
    clipNorm: null,
    noise: 0,
    ...(earlyStopping
      ? { validationFraction: 0.1, validateEvery: 100, patience: 10 }
      : { validationFraction: 0, patience: null }),
  };
}
