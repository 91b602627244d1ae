import type { Matrix } from '@ood/core';
import { type DeadDimensions, deadDimensions } from './dead-dimensions.ts';
import { type EffectiveRank, effectiveRank } from './effective-rank.ts';
import { type FeatureNorms, featureNorms } from './feature-norms.ts';
import { type NeuralCollapse, neuralCollapse } from './neural-collapse.ts';
import type { LongRunOptions } from './pause.ts';
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
 * `onProgress` tells each of the long measures as a stage of its own.
 *
 * @throws OodError as the single functions
 */
export async function featureGeometry(
  features: Matrix,
  { labels, signal, onProgress, ...sampling }: FeatureGeometryOptions = {},
): Promise<FeatureGeometry> {
  const longRun: LongRunOptions = { ...(signal && { signal }), ...(onProgress && { onProgress }) };
  return {
    rows: features.rows,
    cols: features.cols,
    norms: featureNorms(features),
    dead: deadDimensions(features),
    rank: await effectiveRank(features, longRun),
    uniformity: await uniformity(features, { ...sampling, ...longRun }),
    tolerance: labels === undefined ? null : tolerance(features, labels),
    neuralCollapse: labels === undefined ? null : await neuralCollapse(features, labels, longRun),
  };
}
