import type { TrainingDefaults } from './preset.ts';

/**
 * Training to the best held-out likelihood on l2-normalized features: noise of σ = 0.05 keeps the density of points on a
 * sphere bounded.
 */
export const LIKELIHOOD_TRAINING: TrainingDefaults = {
  optimizer: 'adamw',
  learningRate: 5e-4,
  schedule: 'cosine',
  batchSize: 250,
  epochs: 20,
  weightDecay: 1e-2,
  clipNorm: 10,
  noise: 0.05,
  validationFraction: 0.1,
  patience: 5,
};
