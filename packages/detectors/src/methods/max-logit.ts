import type { Detector } from '../contract/detector.ts';
import type { Environment } from '../contract/environment.ts';
import { createStateless } from '../contract/fit.ts';
import { formulaMethod } from '../formula/formula-method.ts';

/** Largest logit: score = −max_c l_c (Hendrycks et al., 2022). */
export const maxLogit = formulaMethod<object, never>({
  name: 'max-logit',
  title: 'MaxLogit',
  paper: 'Hendrycks et al., 2022: Scaling out-of-distribution detection for real-world settings',
  needs: [],
  reads: ['logits'],
  defaults: {},
  rules: {},
  formula: (f, { logits }) => f.negate(f.largest(logits)),
});

/** The MaxLogit detector; nothing is fitted. */
export function createMaxLogit(environment: Environment = {}): Detector {
  return createStateless(maxLogit, environment);
}
