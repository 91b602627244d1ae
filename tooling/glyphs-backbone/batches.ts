import type { LabelledGlyphSet } from '@ood/datasets';
import type { Random } from '../glyphs/src/random.ts';
import { classCount, featureDim } from './network.ts';

export interface BatchOptions {
  readonly size: number;
  /** Images are moved by up to this many pixels in each direction. */
  readonly shift: number;
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
export function* batches(set: LabelledGlyphSet, random: Random, options: BatchOptions): Generator<Batch> {
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
      copyShifted(set, index, image.subarray(row * area, (row + 1) * area), random, options.shift);
      targets[row * classCount + set.labels[index]!]! += 1 - labelSmoothing;
    }
    yield { image, targets, keep };
  }
}

function copyShifted(
  set: LabelledGlyphSet,
  index: number,
  out: Float32Array,
  random: Random,
  shift: number,
): void {
  const { height, width, pixels } = set;
  const dy = random.integer(2 * shift + 1) - shift;
  const dx = random.integer(2 * shift + 1) - shift;
  for (let y = Math.max(0, dy); y < Math.min(height, height + dy); y++) {
    for (let x = Math.max(0, dx); x < Math.min(width, width + dx); x++) {
      out[y * width + x] = pixels[index * height * width + (y - dy) * width + (x - dx)]! / 255;
    }
  }
}
