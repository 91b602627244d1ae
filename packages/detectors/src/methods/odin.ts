import { positive } from '@ood/core';
import type { Detector } from '../contract/detector.ts';
import type { Environment } from '../contract/environment.ts';
import { createStateless } from '../contract/fit.ts';
import { formulaMethod } from '../formula/formula-method.ts';

export type OdinOptions = {
  /** Divides the logits. Default 1000. */
  readonly temperature: number;
};

/**
 * ODIN *without its input perturbation*: score = −max_c softmax(l / T)_c with T = 1000 (Liang, Li and Srikant, 2018). The perturbation needs
 * gradients with respect to the image, which a detector on features and logits does not have; the original gains from it.
 */
export const odin = formulaMethod<OdinOptions, never>({
  name: 'odin',
  title: 'ODIN (no input perturbation)',
  paper:
    'Liang, Li and Srikant, 2018: Enhancing the reliability of out-of-distribution image detection in neural networks (temperature only)',
  needs: [],
  reads: ['logits'],
  defaults: { temperature: 1000 },
  rules: { temperature: positive },
  formula: (f, { logits }, { options }) => {
    // Logits below the largest only: at high temperatures float32 would lose what differs between rows.
    const below = f.divide(f.subtract(logits, f.largest(logits)), options.temperature);
    return f.divide(f.constant(-1), f.sum(f.exp(below)));
  },
});

/** The ODIN detector without input perturbation; nothing is fitted. */
export function createOdin(options: Partial<OdinOptions> & Environment = {}): Detector {
  return createStateless(odin, options);
}
