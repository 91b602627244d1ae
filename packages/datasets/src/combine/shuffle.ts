import type { Sample } from '../contract/sample.ts';
import { type IndexedSamples, isIndexed, type Samples, streamedSamples } from '../contract/samples.ts';
import { createRng, permutation, type Seed } from '../random/rng.ts';
import { requireCount, subset } from './subset.ts';

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
  requireCount('shuffle buffer', buffer);
  if (isIndexed(samples)) return subset(samples, permutation(samples.length, createRng('shuffle', seed)));
  return streamedSamples(async function* () {
    const rng = createRng('shuffle', seed);
    const held: S[] = [];
    for await (const sample of samples) {
      if (held.length < Math.max(1, buffer)) {
        held.push(sample);
        continue;
      }
      const chosen = rng.integer(held.length);
      const out = held[chosen]!;
      held[chosen] = sample;
      yield out;
    }
    for (const index of permutation(held.length, rng)) yield held[index]!;
  }, samples.length);
}
