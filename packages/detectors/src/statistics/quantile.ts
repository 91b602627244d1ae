import type { Block, Training } from '../contract/training.ts';

const BINS = 1 << 14;
/** Numbers that are sorted at once. */
const FEW = 1 << 22;

/** An open interval of numbers that are still in question. */
interface Range {
  readonly low: number;
  readonly high: number;
  /** Numbers below the range. */
  readonly below: number;
  readonly count: number;
}

/**
 * The `share` quantile of all numbers of the features, exact and interpolated as numpy does by default, in a few passes
 * and bounded memory: each pass narrows the range that holds it, until the rest can be sorted.
 */
export async function activationQuantile(training: Training, share: number): Promise<number> {
  const whole = await extent(training);
  const position = share * (whole.count - 1);
  const lower = await orderStatistic(training, whole, Math.floor(position));
  const weight = position - Math.floor(position);
  if (weight === 0) return lower;
  const upper = await orderStatistic(training, whole, Math.floor(position) + 1);
  return lower + weight * (upper - lower);
}

async function extent(training: Training): Promise<Range> {
  let [low, high, count] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  for await (const block of training.blocks()) {
    for (const value of block.features.data) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
    count += numbers(block);
  }
  return { low, high, below: 0, count };
}

/** The number of this rank among all, from 0. */
async function orderStatistic(training: Training, whole: Range, rank: number): Promise<number> {
  let range = whole;
  while (range.count > FEW && range.low < range.high) range = await narrowed(training, range, rank);
  if (range.low === range.high) return range.low;
  const values = new Float64Array(range.count);
  let at = 0;
  for await (const { features } of training.blocks()) {
    for (const value of features.data) if (value >= range.low && value <= range.high) values[at++] = value;
  }
  return values.sort()[rank - range.below]!;
}

/** The part of a range that holds the number of a rank, with its exact smallest and largest numbers. */
async function narrowed(training: Training, { low, high, below }: Range, rank: number): Promise<Range> {
  const counts = new Float64Array(BINS);
  const smallest = new Float64Array(BINS).fill(Number.POSITIVE_INFINITY);
  const largest = new Float64Array(BINS).fill(Number.NEGATIVE_INFINITY);
  const scale = BINS / (high - low);
  for await (const { features } of training.blocks()) {
    for (const value of features.data) {
      if (value < low || value > high) continue;
      const bin = Math.min(BINS - 1, Math.floor((value - low) * scale));
      counts[bin]!++;
      if (value < smallest[bin]!) smallest[bin] = value;
      if (value > largest[bin]!) largest[bin] = value;
    }
  }
  let bin = 0;
  let before = below;
  while (before + counts[bin]! <= rank) before += counts[bin++]!;
  return { low: smallest[bin]!, high: largest[bin]!, below: before, count: counts[bin]! };
}

function numbers({ features }: Block): number {
  return features.rows * features.cols;
}
