import { requireDimension } from '../contract/bijection.ts';
import type { Preparation } from '../contract/preparation.ts';

/** Rows as they are. */
export function noPreparation(dim: number): Preparation {
  requireDimension('no-preparation', dim);
  return { kind: 'none', inputDim: dim, dim, options: { dim }, constants: {}, apply: (_, x) => x };
}
