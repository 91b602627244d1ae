import { type Json, prefixed, scope } from '../contract/arrays.ts';
import type { FittedPreparation, Preparation } from '../contract/preparation.ts';
import { FlowsError } from '../errors.ts';

/**
 * Preparations one after the other; weights of step i are named `i.…`.
 *
 * @throws FlowsError `INVALID_OPTION` where there are none, or one does not take what the one before gives.
 */
export function sequence(steps: readonly Preparation[]): Preparation {
  const misfit = steps.findIndex((step, i) => i > 0 && step.inputDim !== steps[i - 1]!.dim);
  if (steps.length === 0 || misfit > 0) {
    throw new FlowsError('INVALID_OPTION', {
      where: 'sequence',
      expected: 'one or more preparations, each of the columns that the one before gives',
      got: misfit > 0 ? `one of ${steps[misfit]!.inputDim} columns behind ${steps[misfit - 1]!.dim}` : 'none',
      advice: 'build the steps for columns that fit',
    });
  }
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
