import { FeaturesError } from '../errors.ts';
import type { Sample, Samples } from './sample.ts';

/** The samples whose position modulo `count` is `index`: shards differ by at most one sample, and together are everything. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/** @throws FeaturesError INVALID_OPTION unless 0 ≤ index < count */
export function checkShard({ index, count }: Shard): void {
  if (Number.isInteger(index) && Number.isInteger(count) && index >= 0 && index < count) return;
  throw new FeaturesError('INVALID_OPTION', {
    where: 'shard',
    expected: 'integers 0 ≤ index < count',
    got: `index ${index} of ${count}`,
    advice: 'number the shards from 0',
    details: { index, count },
  });
}

/** How many of `total` samples fall to the shard. */
export function shardLength(total: number, { index, count }: Shard): number {
  return Math.max(0, Math.ceil((total - index) / count));
}

export interface Positioned {
  readonly index: number;
  readonly sample: Sample;
}

/** The shard's samples with their positions, reading no others where the source allows it. */
export async function* samplesOfShard(samples: Samples, { index, count }: Shard): AsyncGenerator<Positioned> {
  if (samples.read && samples.length !== undefined && count > 1) {
    for (let i = index; i < samples.length; i += count) yield { index: i, sample: await samples.read(i) };
    return;
  }
  let position = 0;
  for await (const sample of samples) {
    if (position % count === index) yield { index: position, sample };
    position++;
  }
}
