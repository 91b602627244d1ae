import { count, createRandom, permutation, requireOption, type Seed } from '@ood/core';
import type { Sample } from '../contract/sample.ts';
import { type IndexedSamples, isIndexed, type Samples, streamedSamples } from '../contract/samples.ts';
import { subset } from './subset.ts';

export interface ShuffleOptions {
  readonly seed: Seed;
  /** Samples held while a stream is shuffled: none moves forward by more than this. Default: 4096. */
  readonly buffer?: number;
}

/**
 * The samples in an order that depends on the seed alone. Indexed samples get a uniformly random permutation; a stream
 * is mixed through a buffer: each step gives out a random one of the `buffer` samples held and takes the next in its
 * place, so choose the buffer larger than the runs of one class.
 */
export function shuffle<S extends Sample>(
  samples: IndexedSamples<S>,
  options: ShuffleOptions,
): IndexedSamples<S>;
export function shuffle<S extends Sample>(samples: Samples<S>, options: ShuffleOptions): Samples<S>;
export function shuffle<S extends Sample>(
  samples: Samples<S>,
  { seed, buffer = 4096 }: ShuffleOptions,
): Samples<S> {
  requireOption('shuffle', 'buffer', buffer, count);
  if (isIndexed(samples)) return subset(samples, permutation(samples.length, createRandom(seed, 'shuffle')));
  return streamedSamples(async function* () {
    const random = createRandom(seed, 'shuffle');
    const held: S[] = [];
    for await (const sample of samples) {
      if (held.length < Math.max(1, buffer)) {
        held.push(sample);
        continue;
      }
      const chosen = random.below(held.length);
      const out = held[chosen]!;
      held[chosen] = sample;
      yield out;
    }
    for (const index of permutation(held.length, random)) yield held[index]!;
  }, samples.length);
}
