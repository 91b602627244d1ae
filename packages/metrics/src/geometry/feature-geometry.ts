import type { Matrix } from '../input/matrix.ts';
import { type DeadDimensions, deadDimensions } from './dead-dimensions.ts';
import { type EffectiveRank, effectiveRank } from './effective-rank.ts';
import { type FeatureNorms, featureNorms } from './feature-norms.ts';
import { type NeuralCollapse, neuralCollapse } from './neural-collapse.ts';
import { type Tolerance, tolerance } from './tolerance.ts';
import { type Uniformity, type UniformityOptions, uniformity } from './uniformity.ts';

export interface FeatureGeometryOptions extends UniformityOptions {
  /** Class of each row; without it the class measures are `null`. */
  readonly labels?: ArrayLike<number>;
}

/** Everything about the shape of a feature set. */
export interface FeatureGeometry {
  readonly rows: number;
  readonly cols: number;
  readonly norms: FeatureNorms;
  readonly dead: DeadDimensions;
  readonly rank: EffectiveRank;
  readonly uniformity: Uniformity;
  readonly tolerance: Tolerance | null;
  readonly neuralCollapse: NeuralCollapse | null;
}

/**
 * All geometry measures of `features` `[samples, dim]` at once: norms, dead dimensions, effective rank, uniformity, and with labels tolerance and NC1.
 *
 * `onProgress` counts each of the long measures from 0 to 1 in an equal part of the whole.
 *
 * @throws MetricsError as the single functions
 */
export async function featureGeometry(
  features: Matrix,
  { labels, signal, onProgress, ...sampling }: FeatureGeometryOptions = {},
): Promise<FeatureGeometry> {
  const parts = labels === undefined ? 2 : 3;
  const part = (index: number) => ({
    ...(signal && { signal }),
    ...(onProgress && { onProgress: (share: number) => onProgress((index + share) / parts) }),
  });
  return {
    rows: features.rows,
    cols: features.cols,
    norms: featureNorms(features),
    dead: deadDimensions(features),
    rank: await effectiveRank(features, part(0)),
    uniformity: await uniformity(features, { ...sampling, ...part(1) }),
    tolerance: labels === undefined ? null : tolerance(features, labels),
    neuralCollapse: labels === undefined ? null : await neuralCollapse(features, labels, part(2)),
  };
}
