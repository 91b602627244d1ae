import type { Matrix } from '@ood/core';
import { type PseudoOod, pseudoOod } from '@ood/detectors';
import type { FeatureRows } from '../fit/rows.ts';

/** How much of what is evidently not ID is called OOD. */
export interface Power {
  /** ID rows from which the others were made. */
  readonly rows: number;
  /** Share rejected of rows whose every feature comes from another ID row: all usual values, no usual combination. */
  readonly shuffled: number;
  /** Share rejected of rows a hundred times as far from the mean, on the other side. */
  readonly reversed: number;
}

/**
 * Whether a threshold can catch anything at all, from ID rows alone: a detector fitted on too little gives ID rows scores
 * that nothing else reaches. Logits of the made rows are those of the head, where there is one.
 *
 * Not the `powerCheck` of `@ood/detectors`: what is deployed is asked, a float32 graph with its threshold, and whether it catches anything at all.
 */
export async function measurePower(
  { features, logits }: FeatureRows,
  options: {
    readonly threshold: number;
    readonly seed: number;
    /** Adds the logits of the head. */
    readonly complete: (rows: FeatureRows) => Promise<FeatureRows>;
    readonly score: (rows: FeatureRows) => Promise<ArrayLike<number>>;
    /** Whether the head's logits follow from the features. */
    readonly hasHead: boolean;
  },
): Promise<Power> {
  const { threshold, seed, complete, score, hasHead } = options;
  const share = async (kind: PseudoOod) => {
    const change = (matrix: Matrix): Matrix => {
      const { rows, cols, data } = pseudoOod(kind, matrix, seed);
      return { rows, cols, data: Float32Array.from(data) };
    };
    const made = await complete({
      features: change(features),
      ...(logits && !hasHead && { logits: change(logits) }),
    });
    const scores = Array.from(await score(made));
    return scores.filter(value => !(value <= threshold)).length / scores.length;
  };
  return {
    rows: features.rows,
    shuffled: await share('shuffled'),
    reversed: await share('reversed'),
  };
}
