import type { Sample } from '@ood/features';

/** Samples at hand as a source of samples. */
export function asSource<S extends Sample>(
  samples: readonly S[],
): AsyncIterable<S> & { readonly length: number } {
  return {
    length: samples.length,
    async *[Symbol.asyncIterator]() {
      yield* samples;
    },
  };
}
