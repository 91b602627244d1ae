import type { MethodOptions } from '../../src/index.ts';

export interface Contestant {
  readonly label: string;
  readonly name: string;
  readonly options?: MethodOptions;
  /** Whether its fit takes the seed; all get another split with it. */
  readonly seeded?: boolean;
  /** Another contestant that is the same where the fit did not find a number. */
  readonly sameWithout?: { readonly label: string; readonly number: string };
}

export const WITHOUT_FLOW = 'fde, no flow';

export const CONTESTANTS: readonly Contestant[] = [
  { label: 'mahalanobis++', name: 'mahalanobis++', options: { shrinkage: 0.01 } },
  { label: 'knn, k 10', name: 'knn', options: { k: 10 } },
  { label: 'relative-mahalanobis++', name: 'relative-mahalanobis++', options: { shrinkage: 0.01 } },
  { label: 'vim', name: 'vim' },
  { label: 'energy', name: 'energy' },
  { label: 'gen', name: 'gen' },
  { label: 'msp', name: 'msp' },
  { label: 'react', name: 'react' },
  { label: 'scale', name: 'scale' },
  { label: 'she', name: 'she' },
  { label: 'fdbd', name: 'fdbd' },
  { label: 'nnguide', name: 'nnguide' },
  { label: 'two-covariance', name: 'two-covariance' },
  { label: 'fde', name: 'fde', seeded: true, sameWithout: { label: WITHOUT_FLOW, number: 'steps' } },
  { label: WITHOUT_FLOW, name: 'fde', options: { flow: 'never' } },
  { label: 'fde-fused', name: 'fde-fused', seeded: true },
];
