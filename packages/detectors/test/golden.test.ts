import { describe, expect, it } from 'vitest';
import {
  createEnergy,
  createGen,
  createGradnorm,
  createMaxLogit,
  createMsp,
  type Detector,
  fitAsh,
  fitCadref,
  fitDice,
  fitFdbd,
  fitKlMatching,
  fitKnn,
  fitMahalanobis,
  fitMcm,
  fitNci,
  fitNeco,
  fitNeglabel,
  fitNnguide,
  fitOpenmax,
  fitReact,
  fitRelativeMahalanobis,
  fitResidual,
  fitScale,
  fitShe,
  fitTemperatureScaling,
  fitVim,
  fitVra,
  type NeglabelOptions,
} from '../src/index.ts';
import { goldenProblem, goldenScores, goldenTexts } from './golden-problem.ts';

const { train, id, ood, head } = goldenProblem;
const classes = head.weights.rows;

interface Case {
  readonly golden: string;
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly detector: () => Detector | Promise<Detector>;
  /** What makes a score of ours the golden one, where they only rank alike. */
  readonly published?: (score: number) => number;
  /** Constant factor between the golden score and the paper's. */
  readonly factor?: number;
}

/** −p of log((1 − p) / p). */
const negativeProbability = (logOdds: number) => -1 / (1 + Math.exp(logOdds));

const probability = (logOdds: number) => 1 / (1 + Math.exp(-logOdds));
const neglabel = (options: Omit<NeglabelOptions, 'idLabels' | 'percentile'>) =>
  fitNeglabel(train, { head: goldenTexts, idLabels: classes, ...options });

const cases: readonly Case[] = [
  { golden: 'msp', parameters: { temperature: 1 }, detector: () => createMsp() },
  { golden: 'msp', parameters: { temperature: 10 }, detector: () => createMsp({ temperature: 10 }) },
  { golden: 'energy', parameters: { temperature: 1 }, detector: () => createEnergy() },
  { golden: 'energy', parameters: { temperature: 10 }, detector: () => createEnergy({ temperature: 10 }) },
  { golden: 'max-logit', detector: () => createMaxLogit() },
  {
    golden: 'temperature-scaling-optimal',
    detector: () => fitTemperatureScaling(train),
    published: negativeProbability,
  },
  { golden: 'gen', parameters: { gamma: 0.1, M: 5 }, detector: () => createGen() },
  { golden: 'gen', parameters: { gamma: 0.1, M: 3 }, detector: () => createGen({ classes: 3 }) },
  { golden: 'gen', parameters: { gamma: 0.5, M: 2 }, detector: () => createGen({ gamma: 0.5, classes: 2 }) },
  { golden: 'react', parameters: { percentile: 90 }, detector: () => fitReact(train, { head }) },
  {
    golden: 'react',
    parameters: { percentile: 99 },
    detector: () => fitReact(train, { head, percentile: 99 }),
  },
  { golden: 'kl-matching', detector: () => fitKlMatching(train) },
  {
    golden: 'openmax-as-published',
    parameters: { tail: 20, revised_classes: 3 },
    detector: () => fitOpenmax(train, { revised: 3 }),
    published: probability,
  },
  {
    golden: 'openmax-as-published',
    parameters: { tail: 10, revised_classes: 5 },
    detector: () => fitOpenmax(train, { tail: 10 }),
    published: probability,
  },
  { golden: 'cadref', detector: () => fitCadref(train, { head }) },
  { golden: 'mcm', parameters: { temperature: 1 }, detector: () => fitMcm(train, { head }) },
  {
    golden: 'mcm',
    parameters: { temperature: 0.01 },
    detector: () => fitMcm(train, { head, temperature: 0.01 }),
  },
  {
    golden: 'neglabel',
    parameters: { kept_share: 0.5, groups: 1 },
    detector: () => neglabel({ keptShare: 0.5, groups: 1, temperature: 0.1 }),
  },
  {
    golden: 'neglabel',
    parameters: { kept_share: 0.5, groups: 4 },
    detector: () => neglabel({ keptShare: 0.5, groups: 4, temperature: 0.1 }),
  },
  {
    golden: 'neglabel',
    parameters: { kept_share: 1, groups: 7 },
    detector: () => neglabel({ keptShare: 1, groups: 7, temperature: 0.05 }),
  },
  { golden: 'vra-as-published', detector: () => fitVra(train, { head }) },
  {
    golden: 'neco',
    parameters: { d: 4, times_max_logit: true },
    detector: () => fitNeco(train, { principalDimensions: 4 }),
  },
  {
    golden: 'neco',
    parameters: { d: 4, times_max_logit: false },
    detector: () => fitNeco(train, { principalDimensions: 4, timesMaxLogit: false }),
  },
  { golden: 'dice', parameters: { percentile: 90 }, detector: () => fitDice(train, { head }) },
  {
    golden: 'dice',
    parameters: { percentile: 50 },
    detector: () => fitDice(train, { head, percentile: 50 }),
  },
  {
    golden: 'ash-s',
    parameters: { pruned_share: 0.65 },
    detector: () => fitAsh(train, { head, percentile: 65 }),
  },
  { golden: 'ash-s', parameters: { pruned_share: 0.9 }, detector: () => fitAsh(train, { head }) },
  {
    golden: 'scale',
    parameters: { percentile: 65 },
    detector: () => fitScale(train, { head, percentile: 65 }),
  },
  { golden: 'scale', parameters: { percentile: 85 }, detector: () => fitScale(train, { head }) },
  { golden: 'she', detector: () => fitShe(train) },
  { golden: 'she-inner-product', detector: () => fitShe(train) },
  { golden: 'mds', detector: () => fitMahalanobis(train) },
  { golden: 'mahalanobis-plus-plus', detector: () => fitMahalanobis(train, { normalize: true }) },
  { golden: 'rmds', detector: () => fitRelativeMahalanobis(train) },
  {
    golden: 'relative-mahalanobis-plus-plus',
    detector: () => fitRelativeMahalanobis(train, { normalize: true }),
  },
  { golden: 'knn', parameters: { k: 1 }, detector: () => fitKnn(train, { k: 1 }) },
  { golden: 'knn', parameters: { k: 10 }, detector: () => fitKnn(train, { k: 10 }) },
  { golden: 'knn', parameters: { k: 50 }, detector: () => fitKnn(train) },
  { golden: 'vim', parameters: { principal_dimensions: 4 }, detector: () => vim(4) },
  { golden: 'vim', parameters: { principal_dimensions: 10 }, detector: () => vim(10) },
  {
    golden: 'residual',
    parameters: { principal_dimensions: 4 },
    detector: () => fitResidual(train, { head, principalDimensions: 4 }),
  },
  {
    golden: 'residual',
    parameters: { principal_dimensions: 10 },
    detector: () => fitResidual(train, { head, principalDimensions: 10 }),
  },
  { golden: 'nnguide', parameters: { k: 10 }, detector: () => fitNnguide(train) },
  { golden: 'nnguide', parameters: { k: 100 }, detector: () => fitNnguide(train, { k: 100 }) },
  { golden: 'nci', parameters: { alpha: 0 }, detector: () => fitNci(train, { head, alpha: 0 }) },
  { golden: 'nci', parameters: { alpha: 0.0001 }, detector: () => fitNci(train, { head }) },
  { golden: 'nci', parameters: { alpha: 0.1 }, detector: () => fitNci(train, { head, alpha: 0.1 }) },
  // The paper averages over the other classes, OpenOOD sums.
  {
    golden: 'fdbd',
    parameters: { regulariser: 'distance to mean' },
    detector: () => fitFdbd(train, { head }),
    factor: classes - 1,
  },
  {
    golden: 'fdbd',
    parameters: { regulariser: 'norm' },
    detector: () => fitFdbd(train, { head, regularizer: 'norm' }),
    factor: classes - 1,
  },
  // The paper's targets are 1/C, OpenOOD's are 1.
  { golden: 'gradnorm', detector: () => createGradnorm(), factor: classes },
];

const vim = (principalDimensions: number) => fitVim(train, { head, principalDimensions });

async function scoresOf(detector: Detector): Promise<number[]> {
  const scores = [...(await detector.score(id)), ...(await detector.score(ood))];
  await detector.close();
  return scores;
}

const largestDifference = (a: readonly number[], b: readonly number[]) =>
  Math.max(...a.map((value, i) => Math.abs(value - b[i]!)));

it.each(cases)(
  '$golden $parameters scores as published',
  async ({ golden, parameters, detector, factor = 1, published = score => score }) => {
    const expected = goldenScores(golden, parameters);
    const scores = (await scoresOf(await detector())).map(score => factor * published(score));
    expect(scores).toHaveLength(expected.scores.length);
    expect(largestDifference(scores, expected.scores)).toBeLessThanOrEqual(expected.tolerance);
  },
);

it.each([false, true])('background weighs the distance to all rows (normalized: %s)', async normalize => {
  const plain = await scoresOf(await fitMahalanobis(train, { normalize }));
  const relative = await scoresOf(await fitRelativeMahalanobis(train, { normalize }));
  const between = await scoresOf(await fitRelativeMahalanobis(train, { normalize, background: 0.7 }));
  const expected = plain.map((score, i) => 0.3 * score + 0.7 * relative[i]!);
  expect(largestDifference(between, expected)).toBeLessThan(1e-9 * Math.max(...plain));
});

describe('where a library is wrong, ours follows the paper', () => {
  it('temperature scaling finds the optimum, at which pytorch-ood stops short (0.913)', async () => {
    const detector = await fitTemperatureScaling(train);
    expect(detector.describe().fitted.temperature).toBeCloseTo(0.8012445766, 7);
    await detector.close();
    const library = goldenScores('temperature-scaling');
    const scores = (await scoresOf(await fitTemperatureScaling(train))).map(negativeProbability);
    expect(largestDifference(scores, library.scores)).toBeGreaterThan(100 * library.tolerance);
  });

  it('Mahalanobis halves nothing: pytorch-ood returns half the distance, with divisor n − 1 and a ridge', async () => {
    const library = goldenScores('mahalanobis');
    const scores = await scoresOf(await fitMahalanobis(train));
    const ratios = scores.map((score, i) => score / library.scores[i]!);
    for (const ratio of ratios) expect(ratio).toBeCloseTo((2 * 400) / 399, 4);
  });

  it('Relative Mahalanobis divides the background covariance by n, which pytorch-ood forgets', async () => {
    const library = goldenScores('relative-mahalanobis-unscaled-background');
    const scores = await scoresOf(await fitRelativeMahalanobis(train));
    expect(largestDifference(scores, library.scores)).toBeGreaterThan(1);
  });

  it('KNN normalizes features, which pytorch-ood does not', async () => {
    const library = goldenScores('knn-k1-raw');
    const scores = await scoresOf(await fitKnn(train, { k: 1 }));
    expect(largestDifference(scores, library.scores)).toBeGreaterThan(0.1);
  });

  it('ASH-S leaves its input as it was and scores a row of zeros, where pytorch-ood overwrites and returns NaN', async () => {
    const detector = await fitAsh(train, { head });
    const data = id.features.data.slice();
    const features = { ...id.features, data: data.fill(0, 0, id.features.cols) };
    const before = data.slice();
    const scores = await detector.score({ features });
    await detector.close();
    expect(scores.every(Number.isFinite)).toBe(true);
    expect(data).toEqual(before);
  });
});
