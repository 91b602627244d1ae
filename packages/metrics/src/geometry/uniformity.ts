import { createRandom, type Matrix, requireOption, rowNorms, type Seed, wholeFrom } from '@ood/core';
import { MetricsError } from '../errors.ts';
import { requireMatrix } from '../input/matrix.ts';
import { criticalValue, type Interval } from '../uncertainty/interval.ts';
import { addDotProducts } from './dot-products.ts';
import { createPacer, type LongRunOptions } from './pause.ts';

export interface UniformityOptions extends LongRunOptions {
  /**
   * `'all'`: every pair once, exactly; a number: that many pairs drawn at random. Default: all if that takes at most 2·10⁹ multiplications
   * (pairs × dim), else 1,000,000 pairs.
   */
  readonly pairs?: 'all' | number;
  /** Seed of the drawn pairs. Default 1. */
  readonly seed?: Seed;
}

/** How evenly the directions of the features cover the sphere. */
export interface Uniformity {
  /** −log mean exp(−2‖zᵢ − zⱼ‖²), in [0, 8]; about 4 for uniform directions in many dimensions, 0 if all coincide. */
  readonly value: number;
  /** 95 % interval from the drawn pairs; `null` when all pairs were used. */
  readonly interval: Interval | null;
  readonly pairs: number;
  /** Rows of zeros, left out because they have no direction. */
  readonly zeroRows: number;
}

const blockRows = 64;

/**
 * Uniformity of `features` `[samples, dim]` as in the FDE paper: −log E exp(−2‖zᵢ − zⱼ‖²) over pairs i < j of l2-normalised rows.
 *
 * Exact in blocks of 64 rows, so memory stays at two blocks: 50k × 2048 makes 1.25·10⁹ pairs and 2.6·10¹² multiplications, which is long; the sampled form's interval is tight.
 *
 * @throws OodError `EMPTY_INPUT`, `NON_FINITE`, `WRONG_SHAPE`, `INVALID_OPTION`, `ABORTED`; `TOO_FEW` below two non-zero rows
 * @see Wang & Isola (2020), ICML; Cook, Lavoie & Waslander (2024), CRV
 */
export async function uniformity(features: Matrix, options: UniformityOptions = {}): Promise<Uniformity> {
  const where = 'uniformity';
  requireMatrix(where, 'features', features);
  const norms = rowNorms(features);
  const rows = directedRows(norms);
  if (rows.length < 2) {
    throw new MetricsError('TOO_FEW', {
      where,
      expected: 'at least two rows that are not all zero',
      got: `${rows.length} of ${features.rows}`,
      advice: 'uniformity is about pairs of directions; check the features',
      details: { rows: features.rows, directed: rows.length },
    });
  }
  const all = (rows.length * (rows.length - 1)) / 2;
  const pairs = options.pairs ?? (all * features.cols <= 2e9 ? 'all' : 1_000_000);
  const zeroRows = features.rows - rows.length;
  if (pairs === 'all') {
    const mean = (await sumOverAllPairs(features, norms, rows, options)) / all;
    return { value: Math.max(0, -Math.log(mean)), interval: null, pairs: all, zeroRows };
  }
  requireOption(where, 'pairs', pairs, wholeFrom(2));
  const { mean, standardError } = await sampledMean(features, norms, rows, pairs, options);
  // The delta method: the derivative of −log is −1 / mean.
  const half = (criticalValue(0.95) * standardError) / mean;
  const value = Math.max(0, -Math.log(mean));
  const interval = { low: value - half, high: value + half, confidence: 0.95, method: 'sampled-pairs' };
  return { value, interval, pairs, zeroRows };
}

/** Indices of the rows that have a direction. */
function directedRows(norms: Float64Array): Uint32Array {
  return Uint32Array.from(norms.keys()).filter(row => norms[row]! > 0);
}

/** Writes the listed rows, scaled to unit length, into a panel. */
function copyUnitRows(
  { cols, data }: Matrix,
  norms: Float64Array,
  rows: Uint32Array,
  panel: Float64Array,
): void {
  rows.forEach((row, i) => {
    const norm = norms[row]!;
    for (let k = 0; k < cols; k++) panel[i * cols + k] = data[row * cols + k]! / norm;
  });
}

async function sumOverAllPairs(
  features: Matrix,
  norms: Float64Array,
  rows: Uint32Array,
  options: LongRunOptions,
): Promise<number> {
  const { cols } = features;
  const pace = createPacer('uniformity', (rows.length ** 2 / 2) * cols, options);
  const left = new Float64Array(blockRows * cols);
  const right = new Float64Array(blockRows * cols);
  const products = new Float64Array(blockRows * blockRows);
  let sum = 0;
  for (let i = 0; i < rows.length; i += blockRows) {
    const leftRows = rows.subarray(i, i + blockRows);
    copyUnitRows(features, norms, leftRows, left);
    for (let j = i; j < rows.length; j += blockRows) {
      const rightRows = rows.subarray(j, j + blockRows);
      copyUnitRows(features, norms, rightRows, right);
      products.fill(0);
      addDotProducts(left, leftRows.length, right, rightRows.length, cols, products);
      let blockSum = 0;
      for (let r = 0; r < leftRows.length; r++) {
        for (let c = i === j ? r + 1 : 0; c < rightRows.length; c++) {
          blockSum += potential(products[r * rightRows.length + c]!);
        }
      }
      sum += blockSum;
      await pace(leftRows.length * rightRows.length * cols);
    }
  }
  pace.finish();
  return sum;
}

async function sampledMean(
  { cols, data }: Matrix,
  norms: Float64Array,
  rows: Uint32Array,
  pairs: number,
  { seed = 1, ...longRun }: UniformityOptions,
): Promise<{ mean: number; standardError: number }> {
  const random = createRandom(seed);
  const pace = createPacer('uniformity', pairs * cols, longRun);
  let mean = 0;
  let squares = 0;
  for (let pair = 1; pair <= pairs; pair++) {
    const first = random.below(rows.length);
    const second = (first + 1 + random.below(rows.length - 1)) % rows.length;
    const [i, j] = [rows[first]!, rows[second]!];
    const value = potential(cosine(data, i * cols, norms[i]!, j * cols, norms[j]!, cols));
    const delta = value - mean;
    mean += delta / pair;
    squares += delta * (value - mean);
    const pause = pace(cols);
    if (pause) await pause;
  }
  pace.finish();
  return { mean, standardError: Math.sqrt(squares / (pairs - 1) / pairs) };
}

/** The cosine between two rows; scaled before multiplying only where the plain product leaves the range of float64. */
function cosine(
  data: Matrix['data'],
  i: number,
  iNorm: number,
  j: number,
  jNorm: number,
  cols: number,
): number {
  let product = 0;
  const scale = iNorm * jNorm;
  if (scale > 1e-200 && scale < 1e200) {
    for (let k = 0; k < cols; k++) product += data[i + k]! * data[j + k]!;
    return product / scale;
  }
  for (let k = 0; k < cols; k++) product += (data[i + k]! / iNorm) * (data[j + k]! / jNorm);
  return product;
}

/** exp(−2‖zᵢ − zⱼ‖²) from the cosine, ‖zᵢ − zⱼ‖² = 2 − 2 cos. */
function potential(cosine: number): number {
  return Math.exp(-4 * Math.max(0, 1 - cosine));
}
