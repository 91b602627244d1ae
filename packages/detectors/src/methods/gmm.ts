import type { Detector } from '../contract/detector.ts';
import { type FitOptions, fitMethod } from '../contract/fit.ts';
import { requireChoice } from '../contract/options.ts';
import type { TrainingSource } from '../contract/rows.ts';
import type { Training } from '../contract/training.ts';
import { DetectorsError } from '../errors.ts';
import { formulaMethod } from '../formula/formula-method.ts';
import { unitRows } from '../formula/terms.ts';
import { inverseRoot, pivotedCholesky } from '../linear-algebra/cholesky.ts';
import { normaliseRows } from '../linear-algebra/normalise-rows.ts';
import type { Products } from '../linear-algebra/products.ts';
import { type Moments, momentsOf } from '../statistics/moments.ts';

export type GmmOptions = {
  /** One covariance per class, or one within classes for all. Default `'class'`. */
  readonly covariance: string;
  /** Divide features by their norm first. Default false. */
  readonly normalise: boolean;
  /** Share of each covariance replaced by tr(Σ)/d · I. Default: Ledoit and Wolf's, from the rows. */
  readonly shrinkage: number | undefined;
};

/** Bytes that the covariances may take. */
const MOST_BYTES = 2 ** 30;

/**
 * Gaussian mixture, one component per class: score = −log Σ_c (n_c/n) N(f; μ_c, Σ_c) in nats, computed in the log domain, with shrunk covariances
 * (Mukhoti et al., 2023; Ledoit and Wolf, 2004), so that dead features and classes of few rows stay finite.
 */
export const gmm = formulaMethod<GmmOptions>({
  name: 'gmm',
  title: 'GMM',
  paper:
    'Mukhoti et al., 2023: Deep deterministic uncertainty: A new simple baseline (Gaussian per class, shrunk as Ledoit and Wolf, 2004)',
  needs: ['features', 'labels'],
  reads: ['features'],
  defaults: { covariance: 'class', normalise: false, shrinkage: undefined },
  check: ({ covariance, shrinkage }) => {
    requireChoice('gmm', 'covariance', covariance, ['class', 'tied']);
    if (shrinkage !== undefined && !(shrinkage > 0 && shrinkage <= 1)) throw badShrinkage(shrinkage);
  },
  async fit(training, { covariance, normalise, shrinkage }, { products }) {
    const moments = await momentsOf(training, { normalise, products });
    const { dim, rows, means } = moments;
    const classes = means.length / dim;
    const components = covariance === 'class' ? classes : 1;
    if (components * dim * dim * 8 > MOST_BYTES) throw tooLarge(components, dim);
    const scatters = await classScatters(training, { moments, components, normalise, products });
    const whitenings = new Float64Array(components * dim * dim);
    const constants = new Float64Array(classes);
    const counts = [...moments.counts.values()];
    let largestShare = 0;
    scatters.forEach(({ scatter, count, fourth }, k) => {
      const share = shrinkage ?? ledoitWolf(scatter, dim, { count, fourth });
      largestShare = Math.max(largestShare, share);
      const { inverse, logDeterminant } = factorise(shrunk(scatter, dim, share, moments), dim);
      whitenings.set(inverse, k * dim * dim);
      for (let c = components === 1 ? 0 : k; c < (components === 1 ? classes : k + 1); c++) {
        constants[c] = Math.log(counts[c] / rows) - 0.5 * (dim * Math.log(2 * Math.PI) + logDeterminant);
      }
    });
    return {
      numbers: { classes, largestShrinkage: largestShare },
      arrays: {
        means: { shape: [classes, 1, dim], data: means },
        whitenings: { shape: [components, dim, dim], data: whitenings },
        constants: { shape: [classes], data: constants },
      },
    };
  },
  formula: (f, { features }, { arrays, options }) => {
    const rows = options.normalise ? unitRows(f, features) : features;
    const centred = f.subtract(f.unsqueeze(rows, 0), f.constant(arrays.means));
    const squared = f.sumOfSquares(f.matMul(centred, f.constant(arrays.whitenings)));
    const distances = f.transpose(f.squeeze(squared, -1), [1, 0]);
    const logs = f.add(f.multiply(distances, -0.5), f.constant(arrays.constants));
    return f.negate(f.logSumExp(logs));
  },
});

/** Fits a Gaussian per class. Needs features, and labels or what predicts them. */
export function fitGmm(source: TrainingSource, options: FitOptions<GmmOptions> = {}): Promise<Detector> {
  return fitMethod(gmm, source, options);
}

interface Scatter {
  readonly scatter: Float64Array;
  readonly count: number;
  /** Mean fourth power of the norm of the centred rows. */
  readonly fourth: number;
}

/** Covariances (divisor n) around the class means, one per component, in a second pass. */
async function classScatters(
  training: Training,
  {
    moments,
    components,
    normalise,
    products,
  }: { moments: Moments; components: number; normalise: boolean; products: Products },
): Promise<Scatter[]> {
  const { dim, means } = moments;
  const slots = new Map([...moments.counts.keys()].map((label, slot) => [label, slot]));
  const sums = Array.from({ length: components }, () => ({
    scatter: new Float64Array(dim * dim),
    count: 0,
    fourth: 0,
  }));
  for await (const { features, labels, count } of training.blocks()) {
    const data = normalise ? normaliseRows(features).data : features.data;
    const groups = Array.from({ length: components }, (): number[] => []);
    for (let row = 0; row < count; row++) groups[components === 1 ? 0 : slots.get(labels[row])!].push(row);
    for (const [k, members] of groups.entries()) {
      if (members.length === 0) continue;
      const centred = new Float64Array(members.length * dim);
      members.forEach((row, at) => {
        const mean = slots.get(labels[row])! * dim;
        let norm = 0;
        for (let i = 0; i < dim; i++) {
          const value = data[row * dim + i] - means[mean + i];
          centred[at * dim + i] = value;
          norm += value * value;
        }
        sums[k].fourth += norm * norm;
      });
      const gram = await products.gram(centred, members.length);
      for (let i = 0; i < gram.length; i++) sums[k].scatter[i] += gram[i];
      sums[k].count += members.length;
    }
  }
  return sums.map(({ scatter, count, fourth }) => ({
    scatter: scatter.map(value => value / count),
    count,
    fourth: fourth / count,
  }));
}

/** Ledoit and Wolf's share of the identity: estimated error of Σ over its distance from the identity. */
function ledoitWolf(
  covariance: Float64Array,
  dim: number,
  { count, fourth }: { count: number; fourth: number },
): number {
  let [trace, squares] = [0, 0];
  for (let i = 0; i < dim; i++) trace += covariance[i * (dim + 1)];
  for (const value of covariance) squares += value * value;
  const distance = squares - (trace * trace) / dim;
  const error = (fourth - squares) / count;
  if (!(distance > 0)) return 1;
  return Math.min(1, Math.max(1e-6, error / distance));
}

/** A class without any variance of its own borrows that of all rows. */
function shrunk(covariance: Float64Array, dim: number, share: number, moments: Moments): Float64Array {
  const traceOf = (matrix: Float64Array) => {
    let trace = 0;
    for (let i = 0; i < dim; i++) trace += matrix[i * (dim + 1)];
    return trace;
  };
  const target = (traceOf(covariance) || traceOf(moments.total())) / dim;
  if (!(target > 0)) throw constant(dim);
  const result = covariance.map(value => (1 - share) * value);
  for (let i = 0; i < dim; i++) result[i * (dim + 1)] += share * target;
  return result;
}

/** W with W Wᵀ = Σ⁻¹, and log det Σ. */
function factorise(covariance: Float64Array, dim: number): { inverse: Float64Array; logDeterminant: number } {
  const factor = pivotedCholesky(covariance, dim);
  if (factor.rank < dim) throw constant(dim);
  let logDeterminant = 0;
  factor.pivots.forEach((row, k) => {
    logDeterminant += 2 * Math.log(factor.lower[row * dim + k]);
  });
  return { inverse: inverseRoot(factor, dim), logDeterminant };
}

function constant(dim: number): DetectorsError {
  return new DetectorsError('SINGULAR_COVARIANCE', {
    where: 'gmm',
    expected: `covariances of ${dim} features that can be inverted`,
    got: 'one that cannot',
    advice: 'check that the features are not constant, or raise the shrinkage',
  });
}

function tooLarge(components: number, dim: number): DetectorsError {
  return new DetectorsError('TOO_LARGE', {
    where: 'gmm',
    expected: `covariances of at most ${MOST_BYTES / 2 ** 20} MB`,
    got: `${components} of ${dim} × ${dim}`,
    advice: "use covariance: 'tied'",
    details: { components, dim },
  });
}

function badShrinkage(value: number): DetectorsError {
  return new DetectorsError('INVALID_OPTION', {
    where: 'gmm: option shrinkage',
    expected: 'a share above 0 and at most 1',
    got: String(value),
  });
}
