import type { Detector } from '../contract/detector.ts';
import type { Environment } from '../contract/environment.ts';
import { createStateless } from '../contract/fit.ts';
import { formulaMethod } from '../formula/formula-method.ts';

/**
 * L1 norm of the gradient, with respect to the last layer's weights, of the cross-entropy from the uniform distribution to the softmax, in
 * closed form: score = −Σ_c |p_c − 1/C| · |f|₁ (Huang, Geng and Li, 2021).
 */
export const gradnorm = formulaMethod<object, never>({
  name: 'gradnorm',
  title: 'GradNorm',
  paper:
    'Huang, Geng and Li, 2021: On the importance of gradients for detecting distributional shifts in the wild',
  needs: [],
  reads: ['features', 'logits'],
  defaults: {},
  rules: {},
  formula: (f, { features, logits }) => {
    const uniform = f.divide(f.constant(1), f.sum(f.exp(f.multiply(logits, 0))));
    const distance = f.sum(f.abs(f.subtract(f.softmax(logits), uniform)));
    return f.negate(f.multiply(distance, f.sum(f.abs(features))));
  },
});

/** The GradNorm detector; nothing is fitted. */
export function createGradnorm(environment: Environment = {}): Detector {
  return createStateless(gradnorm, environment);
}
