import { requireMatrix } from '../contract/check-rows.ts';
import type { Detector } from '../contract/detector.ts';
import { requirePositive } from '../contract/options.ts';
import { mapRows } from '../contract/stateless.ts';

export interface MspOptions {
  /** Divides the logits. Default 1. */
  readonly temperature?: number;
}

/** Maximum softmax probability: score = −max_c softmax(l / T)_c (Hendrycks and Gimpel, 2017). Needs logits; nothing is fitted. */
export function createMsp({ temperature = 1 }: MspOptions = {}): Detector {
  requirePositive('msp', 'temperature', temperature);
  return mapRows(
    {
      name: 'msp',
      title: 'MSP',
      paper:
        'Hendrycks and Gimpel, 2017: A baseline for detecting misclassified and out-of-distribution examples',
      needs: ['logits'],
      parameters: { temperature },
    },
    rows => requireMatrix('msp', rows, 'logits'),
    logits => {
      let largest = Number.NEGATIVE_INFINITY;
      for (const logit of logits) if (logit > largest) largest = logit;
      let sum = 0;
      for (const logit of logits) sum += Math.exp((logit - largest) / temperature);
      return -1 / sum;
    },
  );
}
