import { positive } from '@ood/core';
import type { Detector } from '../contract/detector.ts';
import type { Environment } from '../contract/environment.ts';
import { createStateless } from '../contract/fit.ts';
import { formulaMethod } from '../formula/formula-method.ts';
import { freeEnergy } from '../formula/terms.ts';

export type EnergyOptions = {
  /** Divides the logits. Default 1. */
  readonly temperature: number;
};

/** Free energy: score = −T log Σ_c exp(l_c / T) (Liu et al., 2020). */
export const energy = formulaMethod<EnergyOptions, never>({
  name: 'energy',
  title: 'Energy',
  paper: 'Liu, Wang, Owens and Li, 2020: Energy-based out-of-distribution detection',
  needs: [],
  reads: ['logits'],
  defaults: { temperature: 1 },
  rules: { temperature: positive },
  formula: (f, { logits }, { options }) => freeEnergy(f, logits, options.temperature),
});

/** The energy detector; nothing is fitted. */
export function createEnergy(options: Partial<EnergyOptions> & Environment = {}): Detector {
  return createStateless(energy, options);
}
