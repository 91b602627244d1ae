import { requireMatrix } from '../contract/check-rows.ts';
import type { Detector } from '../contract/detector.ts';
import { requirePositive } from '../contract/options.ts';
import { mapRows } from '../contract/stateless.ts';

export interface EnergyOptions {
  /** Divides the logits. Default 1. */
  readonly temperature?: number;
}

/** Free energy: score = −T log Σ_c exp(l_c / T) (Liu et al., 2020). Needs logits; nothing is fitted. */
export function createEnergy({ temperature = 1 }: EnergyOptions = {}): Detector {
  requirePositive('energy', 'temperature', temperature);
  return mapRows(
    {
      name: 'energy',
      title: 'Energy',
      paper: 'Liu, Wang, Owens and Li, 2020: Energy-based out-of-distribution detection',
      needs: ['logits'],
      parameters: { temperature },
    },
    rows => requireMatrix('energy', rows, 'logits'),
    logits => {
      let largest = Number.NEGATIVE_INFINITY;
      for (const logit of logits) if (logit > largest) largest = logit;
      let sum = 0;
      for (const logit of logits) sum += Math.exp((logit - largest) / temperature);
      return -(largest + temperature * Math.log(sum));
    },
  );
}
