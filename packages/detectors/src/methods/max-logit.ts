import { requireMatrix } from '../contract/check-rows.ts';
import type { Detector } from '../contract/detector.ts';
import { mapRows } from '../contract/stateless.ts';

/** Largest logit: score = −max_c l_c (Hendrycks et al., 2022). Needs logits; nothing is fitted. */
export function createMaxLogit(): Detector {
  return mapRows(
    {
      name: 'max-logit',
      title: 'MaxLogit',
      paper: 'Hendrycks et al., 2022: Scaling out-of-distribution detection for real-world settings',
      needs: ['logits'],
      parameters: {},
    },
    rows => requireMatrix('max-logit', rows, 'logits'),
    logits => {
      let largest = Number.NEGATIVE_INFINITY;
      for (const logit of logits) if (logit > largest) largest = logit;
      return -largest;
    },
  );
}
