import type { TrainingDefaults } from './preset.ts';

/** The paper's training: Adam 1e-5, batch 250, one epoch, nothing else. */
export const PAPER_TRAINING: TrainingDefaults = {
  optimizer: 'adam',
  learningRate: 1e-5,
  schedule: 'constant',
  batchSize: 250,
  epochs: 1,
  weightDecay: 0,
  clipNorm: null,
  noise: 0,
  validationFraction: 0,
  patience: null,
};
