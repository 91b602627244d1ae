import { DatasetError } from '../errors.ts';
import type { Sample, SampleKey } from './sample.ts';

/**
 * A finite sequence of samples.
 *
 * - It can be iterated any number of times, each time from the start and in the same order, also several at once.
 * - Nothing is read before iteration asks for it, and leaving a loop early releases what it held.
 * - `length` is exact where it is a number; `undefined` means that only reading to the end would tell.
 */
export interface Samples<S extends Sample = Sample> extends AsyncIterable<S> {
  readonly length: number | undefined;
}

/** Samples that can be read in any order; their keys are known without reading the samples. */
export interface IndexedSamples<S extends Sample = Sample> extends Samples<S> {
  readonly length: number;
  /** Id, label and group of sample `index`, from memory. */
  key(index: number): SampleKey;
  /** Sample `index`, in the order of iteration: 0 … length − 1. */
  read(index: number): Promise<S>;
}

/** Whether samples can be read in any order. */
export function isIndexed<S extends Sample>(samples: Samples<S>): samples is IndexedSamples<S> {
  return typeof (samples as Partial<IndexedSamples<S>>).read === 'function';
}

export interface IndexedSamplesParts<S extends Sample> {
  readonly length: number;
  readonly key: (index: number) => SampleKey;
  readonly read: (index: number) => Promise<S>;
}

/**
 * Samples in any order from three parts; iteration follows from `read`, and indices are checked once, here.
 *
 * @throws DatasetError `INDEX_OUT_OF_RANGE` from `key` and `read`.
 */
export function indexedSamples<S extends Sample>(parts: IndexedSamplesParts<S>): IndexedSamples<S> {
  const { length } = parts;
  const check = (index: number): number => {
    if (Number.isInteger(index) && index >= 0 && index < length) return index;
    throw new DatasetError('INDEX_OUT_OF_RANGE', {
      where: 'samples',
      expected: `an index from 0 to ${length - 1}`,
      got: String(index),
      advice: 'compare with samples.length first',
    });
  };
  return {
    length,
    key: index => parts.key(check(index)),
    read: async index => parts.read(check(index)),
    async *[Symbol.asyncIterator]() {
      for (let index = 0; index < length; index++) yield await parts.read(index);
    },
  };
}

/** Samples from a function that starts an iteration, for sources that can only be read from the start. */
export function streamedSamples<S extends Sample>(
  start: () => AsyncIterator<S> | AsyncGenerator<S>,
  length?: number,
): Samples<S> {
  return { length, [Symbol.asyncIterator]: start };
}

/** Samples from an array in memory. */
export function samplesOf<S extends Sample>(samples: readonly S[]): IndexedSamples<S> {
  return indexedSamples({
    length: samples.length,
    key: index => samples[index]!,
    read: async index => samples[index]!,
  });
}

/** All samples in an array. */
export async function collect<S extends Sample>(samples: AsyncIterable<S>): Promise<S[]> {
  const all: S[] = [];
  for await (const sample of samples) all.push(sample);
  return all;
}
