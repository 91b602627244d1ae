import { type Matrix, symmetricEigenSteps, symmetricEigenWork } from '@ood/core';
import { MetricsError } from '../errors.ts';
import { requireLabels, requireMatrix, requireSquarable } from '../input/matrix.ts';
import { addDotProducts } from './dot-products.ts';
import { createPacer, type LongRunOptions, type Pacer, paced } from './pause.ts';

/** How far the features of each class have collapsed onto their mean. */
export interface NeuralCollapse {
  /** tr(Σ_W Σ_B⁺) / C: 0 for full collapse. */
  readonly nc1: number;
  /** tr(Σ_W) / tr(Σ_B), without the inverse: stable where class means nearly coincide in some direction. */
  readonly withinBetweenRatio: number;
  /** C, the number of classes that occur. */
  readonly classes: number;
}

/**
 * Neural-collapse measure NC1 of `features` `[samples, dim]`.
 *
 * Σ_W: mean over samples of (h − μ_c)(h − μ_c)ᵀ; Σ_B: mean over classes of (μ_c − μ)(μ_c − μ)ᵀ with μ the unweighted mean of the class means (the mean of all samples when classes are balanced, as
 * in the paper). The pseudo-inverse ⁺ drops eigenvalues below 1e-10 of the largest. Neither dim × dim matrix is formed: 2 n · dim · C multiplications and an eigenproblem of size C.
 *
 * @throws OodError `EMPTY_INPUT`, `NON_FINITE`, `WRONG_SHAPE`, `INVALID_VALUE`, `NO_CONVERGENCE`, `ABORTED`; `ONE_CLASS` for a single
 *   class; `CONSTANT_INPUT` when all class means coincide to within rounding
 * @see Papyan, Han & Donoho (2020), PNAS 117
 */
export async function neuralCollapse(
  features: Matrix,
  labels: ArrayLike<number>,
  options: LongRunOptions = {},
): Promise<NeuralCollapse> {
  const where = 'neuralCollapse';
  requireMatrix(where, 'features', features);
  requireSquarable(where, 'features', features);
  requireLabels(where, features, labels);
  const { rows, cols, data } = features;
  const classOf = indexClasses(labels);
  const classes = new Set(classOf).size;
  if (classes < 2) throw degenerate('ONE_CLASS', 'labels of at least two classes', `${classes}`);
  const { means, offsets } = classMeans(features, classOf, classes);
  const gram = new Float64Array(classes * classes);
  addDotProducts(offsets, classes, offsets, classes, cols, gram);
  const between = gram.reduce((sum, g, i) => (i % (classes + 1) === 0 ? sum + g / classes : sum), 0);
  // Class means that agree but for their rounding would make NC1 astronomic instead.
  if (!(between > (1e-14 * largestEntry(data)) ** 2))
    throw degenerate('CONSTANT_INPUT', 'class means that differ', 'equal ones');
  const work = rows * cols * classes + symmetricEigenWork(classes);
  const pace = createPacer(where, work, options);
  const directions = await betweenDirections(gram, offsets, classes, cols, pace);
  const deviation = new Float64Array(cols);
  const projections = new Float64Array(directions.count);
  let [trace, within] = [0, 0];
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < cols; k++) {
      deviation[k] = data[row * cols + k]! - means[classOf[row]! * cols + k]!;
      within += deviation[k]! ** 2 / rows;
    }
    projections.fill(0);
    addDotProducts(deviation, 1, directions.vectors, directions.count, cols, projections);
    for (const projection of projections) trace += projection ** 2 / rows;
    const pause = pace(cols * directions.count);
    if (pause) await pause;
  }
  pace.finish();
  return { nc1: trace / classes, withinBetweenRatio: within / between, classes };
}

function largestEntry(data: Matrix['data']): number {
  let largest = 0;
  for (const value of data) largest = Math.max(largest, Math.abs(value));
  return largest;
}

/** Labels as consecutive numbers from 0. */
function indexClasses(labels: ArrayLike<number>): Uint32Array {
  const numbers = new Map<number, number>();
  return Uint32Array.from(labels, label => {
    const known = numbers.get(label) ?? numbers.size;
    numbers.set(label, known);
    return known;
  });
}

/** Class means `[classes, cols]`, and the same minus their unweighted mean. */
function classMeans(
  { rows, cols, data }: Matrix,
  classOf: Uint32Array,
  classes: number,
): { means: Float64Array; offsets: Float64Array } {
  const counts = new Float64Array(classes);
  for (const c of classOf) counts[c]!++;
  const means = new Float64Array(classes * cols);
  for (let row = 0; row < rows; row++) {
    const c = classOf[row]!;
    for (let k = 0; k < cols; k++) means[c * cols + k]! += data[row * cols + k]! / counts[c]!;
  }
  const offsets = means.slice();
  for (let k = 0; k < cols; k++) {
    let center = 0;
    for (let c = 0; c < classes; c++) center += means[c * cols + k]! / classes;
    for (let c = 0; c < classes; c++) offsets[c * cols + k]! -= center;
  }
  return { means, offsets };
}

/**
 * The vectors u / √λ over the eigenpairs (λ, u) of Σ_B, so that tr(Σ_W Σ_B⁺) is the mean squared length of the projections.
 * With M the offsets, M Mᵀ v = C λ v gives u = Mᵀ v / √(C λ).
 */
async function betweenDirections(
  gram: Float64Array,
  offsets: Float64Array,
  classes: number,
  cols: number,
  pace: Pacer,
): Promise<{ count: number; vectors: Float64Array }> {
  const { values, vectors } = await paced(symmetricEigenSteps(gram, classes), pace);
  const count = values.filter(value => value > 1e-10 * values[0]!).length;
  const directions = new Float64Array(count * cols);
  for (let i = 0; i < count; i++) {
    // u / √λ = Mᵀ v / √(C λ) / √λ = Mᵀ v √C / (C λ).
    const scale = Math.sqrt(classes) / values[i]!;
    for (let c = 0; c < classes; c++) {
      const weight = vectors[i * classes + c]! * scale;
      for (let k = 0; k < cols; k++) directions[i * cols + k]! += weight * offsets[c * cols + k]!;
    }
  }
  return { count, vectors: directions };
}

function degenerate(code: 'ONE_CLASS' | 'CONSTANT_INPUT', expected: string, got: string): MetricsError {
  return new MetricsError(code, {
    where: 'neuralCollapse',
    expected,
    got,
    advice: 'NC1 compares variation within classes with variation between them; check features and labels',
  });
}
