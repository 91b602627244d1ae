import type { Runtime } from '@ood/onnx';
import { array, type Matrix } from '../contract/arrays.ts';
import type { FittedPreparation } from '../contract/preparation.ts';
import { cholesky, invertLower } from '../linear-algebra/cholesky.ts';
import { product, transpose } from '../linear-algebra/dense.ts';
import { leadingDirections } from '../linear-algebra/leading-directions.ts';
import { rowsTimes } from '../linear-algebra/matrix-products.ts';
import { project } from '../preparations/project.ts';
import type { Rng } from '../random.ts';
import { classStatistics, covarianceAround, shrink } from './class-statistics.ts';

interface WithinClassWhiteningOptions {
  /** More columns than this are cut to as many leading directions of the total covariance. */
  readonly directions: number;
  /** Share of the identity in the within-class covariance. */
  readonly shrinkage: number;
  readonly rng: Rng;
  readonly runtime: Runtime;
}

/** The projection that makes the shrunk within-class covariance the identity, and the class means behind it, `[classes, dim]`. */
export async function withinClassWhitening(
  unit: Matrix,
  { labels, classes }: { labels: Int32Array; classes: number },
  { directions, shrinkage, rng, runtime }: WithinClassWhiteningOptions,
): Promise<{ fitted: FittedPreparation; means: Float64Array }> {
  const { cols } = unit;
  const { mean, means } = classStatistics(unit, labels, classes);
  const within = await covarianceAround(unit, means, { labels, runtime });
  const dim = Math.min(cols, directions);
  let basis: Float64Array | undefined;
  let covariance = within;
  if (dim < cols) {
    const total = await covarianceAround(unit, mean, { runtime });
    const leading = await leadingDirections(total, cols, { count: dim, rng, runtime });
    basis = transpose(leading, dim, cols);
    covariance = product(await rowsTimes(leading, within, { cols, runtime }), basis, cols);
  }
  const unmix = transpose(invertLower(cholesky(shrink(covariance, dim, shrinkage), dim), dim), dim);
  const matrix = basis ? product(basis, unmix, dim) : unmix;
  const centred = means.map((value, at) => value - mean[at % cols]!);
  return {
    fitted: {
      preparation: project(cols, dim),
      constants: { mean: array([cols], mean), matrix: array([cols, dim], matrix) },
    },
    means: product(centred, matrix, cols),
  };
}
