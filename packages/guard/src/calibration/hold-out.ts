import { createRandom } from '@ood/core';

/**
 * A function that says of each row in turn whether it belongs to the part that is held out, a share of about `fraction`; the
 * same rows for the same seed, however often they are passed through.
 */
export function holdOut({
  seed,
  fraction,
}: {
  readonly seed: number;
  readonly fraction: number;
}): () => boolean {
  const random = createRandom(seed, 'hold-out');
  return () => random.uniform() < fraction;
}
