import { requireOption, wholeFrom } from '@ood/core';
import type { Sample, SampleKey } from '../contract/sample.ts';
import {
  type IndexedSamples,
  indexedSamples,
  isIndexed,
  type Samples,
  streamedSamples,
} from '../contract/samples.ts';
import { DatasetError } from '../errors.ts';

/** The samples with these indices, in this order (an index may come twice). Checked at once. */
export function subset<S extends Sample>(
  samples: IndexedSamples<S>,
  indices: ArrayLike<number>,
): IndexedSamples<S> {
  const chosen = Array.from(indices);
  const wrong = chosen.find(index => !Number.isInteger(index) || index < 0 || index >= samples.length);
  if (wrong !== undefined) {
    throw new DatasetError('INDEX_OUT_OF_RANGE', {
      where: 'subset',
      expected: `indices from 0 to ${samples.length - 1}`,
      got: String(wrong),
      advice: 'check where the indices come from',
    });
  }
  return indexedSamples({
    length: chosen.length,
    key: index => samples.key(chosen[index]!),
    read: index => samples.read(chosen[index]!),
  });
}

/** The first `count` samples, or all where there are fewer. */
export function take<S extends Sample>(samples: IndexedSamples<S>, count: number): IndexedSamples<S>;
export function take<S extends Sample>(samples: Samples<S>, count: number): Samples<S>;
export function take<S extends Sample>(samples: Samples<S>, count: number): Samples<S> {
  requireOption('take', 'count', count, wholeFrom(0));
  if (isIndexed(samples)) {
    const length = Math.min(count, samples.length);
    return indexedSamples({ length, key: samples.key, read: samples.read });
  }
  const length = samples.length === undefined ? undefined : Math.min(count, samples.length);
  return streamedSamples(async function* () {
    let left = count;
    if (left === 0) return;
    for await (const sample of samples) {
      yield sample;
      if (--left === 0) return;
    }
  }, length);
}

/**
 * The samples whose key passes. Indexed samples stay indexed (keys are known without reading); of a stream the length
 * becomes unknown.
 */
export function filterKeys<S extends Sample>(
  samples: IndexedSamples<S>,
  test: (key: SampleKey) => boolean,
): IndexedSamples<S>;
export function filterKeys<S extends Sample>(
  samples: Samples<S>,
  test: (key: SampleKey) => boolean,
): Samples<S>;
export function filterKeys<S extends Sample>(
  samples: Samples<S>,
  test: (key: SampleKey) => boolean,
): Samples<S> {
  if (!isIndexed(samples)) return filter(samples, test);
  return subset(samples, indicesWhere(samples, test));
}

/** The samples that pass, by their content; their number becomes unknown. */
export function filter<S extends Sample>(
  samples: Samples<S>,
  test: (sample: S) => boolean | Promise<boolean>,
): Samples<S> {
  return streamedSamples(async function* () {
    for await (const sample of samples) if (await test(sample)) yield sample;
  });
}

/** Indices of the samples whose key passes. */
export function indicesWhere(
  samples: IndexedSamples,
  test: (key: SampleKey, index: number) => boolean,
): number[] {
  const indices: number[] = [];
  for (let index = 0; index < samples.length; index++)
    if (test(samples.key(index), index)) indices.push(index);
  return indices;
}
