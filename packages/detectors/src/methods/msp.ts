import { positive } from '@ood/core';
import type { Detector } from '../contract/detector.ts';
import type { Environment } from '../contract/environment.ts';
import { createStateless } from '../contract/fit.ts';
import { formulaMethod } from '../formula/formula-method.ts';

export type MspOptions = {
  /** Divides the logits. Default 1. */
  readonly temperature: number;
};

/** Maximum softmax probability: score = −max_c softmax(l / T)_c (Hendrycks and Gimpel, 2017). */
export const msp = formulaMethod<MspOptions, never>({
  name: 'msp',
  title: 'MSP',
  paper:
    'Hendrycks and Gimpel, 2017: A baseline for detecting misclassified and out-of-distribution examples in neural networks',
  needs: [],
  reads: ['logits'],
  defaults: { temperature: 1 },
  rules: { temperature: positive },
  formula: (f, { logits }, { options }) =>
    f.negate(f.largest(f.softmax(f.divide(logits, options.temperature)))),
});

/** The MSP detector; nothing is fitted. */
export function createMsp(options: Partial<MspOptions> & Environment = {}): Detector {
  return createStateless(msp, options);
}
