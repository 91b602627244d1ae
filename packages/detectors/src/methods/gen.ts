import { positive, whole } from '@ood/core';
import type { Detector } from '../contract/detector.ts';
import type { Environment } from '../contract/environment.ts';
import { createStateless } from '../contract/fit.ts';
import { formulaMethod } from '../formula/formula-method.ts';

export type GenOptions = {
  /** Exponent γ. Default 0.1. */
  readonly gamma: number;
  /** Largest probabilities that count, M; all where there are fewer classes. Default 100. */
  readonly classes: number;
};

/** Generalized entropy: score = Σ p^γ (1 − p)^γ over the M largest probabilities (Liu, Lochman and Zach, 2023). */
export const gen = formulaMethod<GenOptions, never>({
  name: 'gen',
  title: 'GEN',
  paper:
    'Liu, Lochman and Zach, 2023: GEN: Pushing the limits of softmax-based out-of-distribution detection',
  needs: [],
  reads: ['logits'],
  defaults: { gamma: 0.1, classes: 100 },
  rules: { gamma: positive, classes: whole },
  formula: (f, { logits }, { options }) => {
    const all = f.softmax(logits);
    const top = f.topValues(all, options.classes);
    // 1 − p loses all digits for a confident p, and γ < 1 magnifies what is left: sum the other probabilities instead.
    const others = f.sum(f.select(f.greater(all, 0.5), 0, all));
    const complement = f.select(f.greater(top, 0.5), others, f.subtract(f.constant(1), top));
    return f.sum(f.power(f.multiply(top, complement), options.gamma));
  },
});

/** The GEN detector; nothing is fitted. */
export function createGen(options: Partial<GenOptions> & Environment = {}): Detector {
  return createStateless(gen, options);
}
