import type { Preparation } from '../contract/preparation.ts';

/** Rows as they are. */
export function noPreparation(dim: number): Preparation {
  return { kind: 'none', inputDim: dim, dim, options: { dim }, constants: {}, apply: (_, x) => x };
}
