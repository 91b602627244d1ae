import type { LabeledRows } from '@ood/core';
import { glow, realNvp } from '@ood/flows';
import {
  type Detector,
  fitDetector,
  fitFlowDensity,
  type Head,
  type MethodOptions,
} from '../../src/index.ts';

export interface Fitting {
  readonly training: LabeledRows;
  readonly head: Head;
  readonly seed: number;
}

/** One detector of the study. */
export interface Contestant {
  readonly label: string;
  /** Whether its fit takes the seed; others are fitted once. */
  readonly seeded?: boolean;
  /** Takes an hour where there are more features than these. */
  readonly slowBeyond?: number;
  /** Another contestant that is the same where this fit found no such number. */
  readonly sameWithout?: { readonly label: string; readonly number: string };
  fit(fitting: Fitting): Promise<Detector>;
}

const ONE_THREAD = { threads: 1 };

const named = (label: string, name = label, options: MethodOptions = {}): Contestant => ({
  label,
  fit: ({ training, head }) => fitDetector(name, training, { head, ...ONE_THREAD, ...options }),
});

const seeded = (label: string, name = label, options: MethodOptions = {}): Contestant => ({
  label,
  seeded: true,
  fit: ({ training, head, seed }) => fitDetector(name, training, { head, seed, ...ONE_THREAD, ...options }),
});

const paper = (label: string, preset: ReturnType<typeof glow>): Contestant => ({
  label,
  seeded: true,
  slowBeyond: 256,
  fit: ({ training: { features }, seed }) =>
    fitFlowDensity({ features: features! }, { preset, seed, ...ONE_THREAD }),
});

export const KNN = 'knn, k 10';
export const MAHALANOBIS = 'mahalanobis++';
export const PARTLY_RELATIVE = 'relative-mahalanobis++, background 0.7';
export const GLOW = "paper's Glow";
export const GLOW_STOPPED = "paper's Glow, ID-only early stopping";
export const REAL_NVP = "paper's RealNVP";
export const LONG = 'fde, four times the epochs';
export const WITHOUT_FLOW = 'fde, no flow';
export const OWN_FLOW_LONG = 'fde-flow, 5,125 steps';

export const PAPER = [GLOW, GLOW_STOPPED, REAL_NVP];
export const EVIDENCE = [
  'react',
  'scale',
  'nnguide',
  'she',
  'fdbd',
  'gen',
  'energy',
  'msp',
  'vim',
  'openmax',
  'cadref',
];

export const CONTESTANTS: readonly Contestant[] = [
  named(KNN, 'knn', { k: 10 }),
  named(MAHALANOBIS, MAHALANOBIS, { shrinkage: 0.01 }),
  named('relative-mahalanobis++', undefined, { shrinkage: 0.01 }),
  named(PARTLY_RELATIVE, 'relative-mahalanobis++', { shrinkage: 0.01, background: 0.7 }),
  named('two-covariance'),
  ...EVIDENCE.map(name => named(name)),
  named(WITHOUT_FLOW, 'fde', { flow: 'never' }),
  { ...seeded('fde'), sameWithout: { label: LONG, number: 'steps' } },
  seeded('fde-fused'),
  seeded('fde-flow'),
  seeded(LONG, 'fde', { epochs: 80 }),
  { ...seeded(OWN_FLOW_LONG, 'fde-flow', { steps: 5125 }), slowBeyond: 256 },
  paper(GLOW, glow()),
  paper(GLOW_STOPPED, glow({ earlyStopping: true })),
  paper(REAL_NVP, realNvp()),
];

/** The cell of a seed, or the one cell of a contestant that takes no seed. */
export function sameSeed<C extends { readonly seed: number }>(
  cells: readonly C[],
  seed: number,
  label: string,
): C | undefined {
  const { seeded = false } = CONTESTANTS.find(contestant => contestant.label === label) ?? {};
  return seeded ? cells.find(cell => cell.seed === seed) : cells[0];
}
