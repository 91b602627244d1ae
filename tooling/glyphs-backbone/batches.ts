import type { LabeledGlyphSet } from '@ood/datasets';
import type { Random } from '../glyphs/src/random.ts';
import { classCount, featureDim } from './network.ts';
import { randomWarp, type WarpOptions, warp } from './warp.ts';

export interface BatchOptions {
  readonly size: number;
  readonly warp: WarpOptions;
  /** Share of features set to zero. */
  readonly dropout: number;
  /** Probability spread over all classes. */
  readonly labelSmoothing: number;
}

export interface Batch {
  /** `[size, 28, 28, 1]`, 0 … 1. */
  readonly image: Float32Array;
  /** `[size, classCount]`. */
  readonly targets: Float32Array;
  /** `[size, featureDim]`: 0, or 1 / (1 − dropout). */
  readonly keep: Float32Array;
}

/** One epoch of full batches in random order, augmented. */
export function* batches(set: LabeledGlyphSet, random: Random, options: BatchOptions): Generator<Batch> {
  const { size, dropout, labelSmoothing } = options;
  const order = random.shuffle(Array.from({ length: set.count }, (_, i) => i));
  const area = set.height * set.width;
  for (let start = 0; start + size <= order.length; start += size) {
    const image = new Float32Array(size * area);
    const targets = new Float32Array(size * classCount).fill(labelSmoothing / classCount);
    const keep = new Float32Array(size * featureDim).map(() =>
      random.next() < dropout ? 0 : 1 / (1 - dropout),
    );
    for (let row = 0; row < size; row++) {
      const index = order[start + row]!;
      warp(
        set.pixels.subarray(index * area, (index + 1) * area),
        image.subarray(row * area, (row + 1) * area),
        randomWarp(random, options.warp),
      );
      targets[row * classCount + set.labels[index]!]! += 1 - labelSmoothing;
    }
    yield { image, targets, keep };
  }
}
