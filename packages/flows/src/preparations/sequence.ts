import { type Json, prefixed, scope } from '../contract/arrays.ts';
import type { FittedPreparation, Preparation } from '../contract/preparation.ts';

/** Preparations one after the other; weights of step i are named `i.…`. */
export function sequence(steps: readonly Preparation[]): Preparation {
  return {
    kind: 'sequence',
    inputDim: steps[0]!.inputDim,
    dim: steps.at(-1)!.dim,
    options: { steps: steps.map(({ kind, options }): Json => ({ kind, ...options })) },
    constants: Object.assign({}, ...steps.map((step, i) => prefixed(step.constants, `${i}`))),
    apply: (weights, x) => steps.reduce((value, step, i) => step.apply(scope(weights, `${i}`), value), x),
  };
}

/** The sequence of fitted steps, with all their constants. */
export function sequenceOf(steps: readonly FittedPreparation[]): FittedPreparation {
  return {
    preparation: sequence(steps.map(step => step.preparation)),
    constants: Object.assign({}, ...steps.map((step, i) => prefixed(step.constants, `${i}`))),
  };
}
