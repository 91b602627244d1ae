import type { LabeledRows } from '@ood/core';
import { type Detector, fitFlowDensity, fitKnn, fitMahalanobis } from '@ood/detectors';
import { type FdeOptions, type FitOptions, fde, glow, type Preset } from '@ood/flows';

/** One contestant of the study. */
export interface Variant {
  readonly name: string;
  /** Whether its result depends on the seed. */
  readonly seeded: boolean;
  /** Fits at most this many seeds. */
  readonly mostSeeds?: number;
  fit(training: LabeledRows, seed: number): Promise<Detector>;
}

const flow = (
  name: string,
  preset: Preset,
  { labels = true, ...options }: FitOptions & { labels?: boolean } = {},
): Variant => ({
  name,
  seeded: true,
  fit: ({ features, labels: classes }, seed) =>
    fitFlowDensity(
      { features, ...(labels && { labels: classes }) },
      { preset, seed, threads: 1, ...options },
    ),
});

/** What everything is compared with: the best density baselines and the paper's recipe. */
export const BASELINES: readonly Variant[] = [
  { name: 'KNN, k = 10', seeded: false, fit: training => fitKnn(training, { k: 10 }) },
  { name: 'KNN, k = 50', seeded: false, fit: training => fitKnn(training, { k: 50 }) },
  { name: 'Mahalanobis++', seeded: false, fit: training => fitMahalanobis(training, { normalize: true }) },
  flow("paper's Glow, as published", glow(), { labels: false }),
  flow("paper's Glow, learning rate 1e-4", glow(), { labels: false, learningRate: 1e-4 }),
];

/** Epochs of a training four times as long as the preset's. */
const LONG = 80;

export const FDE = flow('fde', fde());
export const FDE_LONG = flow('fde, four times the epochs', fde({ training: { epochs: LONG } }));
export const TRAINED = flow('fde, all the way', fde({ training: { interpolation: 1 } }));
export const TRAINED_LONG = flow(
  'fde, all the way, four times the epochs',
  fde({ training: { interpolation: 1, epochs: LONG } }),
);

/** The preset, and what it costs to leave something out or to go on for longer. */
export const OURS: readonly Variant[] = [
  FDE,
  FDE_LONG,
  { ...TRAINED, mostSeeds: 3 },
  { ...TRAINED_LONG, mostSeeds: 1 },
  { ...flow('fde, networks twice as wide', fde({ width: 2 })), mostSeeds: 1 },
  flow('fde, without labels', fde(), { labels: false }),
  { ...flow('fde, untrained', fde({ training: { epochs: 1, learningRate: 1e-12 } })), mostSeeds: 1 },
];

const AXIS = [0.5, 0.6, 0.7];

/** The settings among which the defaults were chosen: γ (background) and σ (noise). */
export const GRID: readonly (Variant & { readonly options: FdeOptions })[] = AXIS.flatMap(background =>
  AXIS.map(noise => {
    const options: FdeOptions = { background, training: { noise } };
    return { ...flow(`γ = ${background}, σ = ${noise}`, fde(options)), options };
  }),
);
