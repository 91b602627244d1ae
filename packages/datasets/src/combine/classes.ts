import { createRandom, permutation, requireOption, type Seed, wholeFrom } from '@ood/core';
import type { Sample, SampleKey } from '../contract/sample.ts';
import { type IndexedSamples, isIndexed, type Samples, streamedSamples } from '../contract/samples.ts';
import { DatasetError } from '../errors.ts';
import { filterKeys, subset } from './subset.ts';

/** The samples of these classes; samples without a label are left out. */
export function onlyClasses<S extends Sample>(
  samples: IndexedSamples<S>,
  labels: Iterable<number>,
): IndexedSamples<S>;
export function onlyClasses<S extends Sample>(samples: Samples<S>, labels: Iterable<number>): Samples<S>;
export function onlyClasses<S extends Sample>(samples: Samples<S>, labels: Iterable<number>): Samples<S> {
  const wanted = new Set(labels);
  return filterKeys(samples, key => key.label !== undefined && wanted.has(key.label));
}

/** The samples of all other classes, and those without a label. */
export function exceptClasses<S extends Sample>(
  samples: IndexedSamples<S>,
  labels: Iterable<number>,
): IndexedSamples<S>;
export function exceptClasses<S extends Sample>(samples: Samples<S>, labels: Iterable<number>): Samples<S>;
export function exceptClasses<S extends Sample>(samples: Samples<S>, labels: Iterable<number>): Samples<S> {
  const unwanted = new Set(labels);
  return filterKeys(samples, key => key.label === undefined || !unwanted.has(key.label));
}

/**
 * At most `count` samples of each class, in their order; samples without a label are left out. With a seed a random
 * choice (indexed samples only: which ones are chosen is known without reading), else the first of each class.
 */
export function perClass<S extends Sample>(
  samples: IndexedSamples<S>,
  count: number,
  options?: { readonly seed?: Seed },
): IndexedSamples<S>;
export function perClass<S extends Sample>(samples: Samples<S>, count: number): Samples<S>;
export function perClass<S extends Sample>(
  samples: Samples<S>,
  count: number,
  { seed }: { readonly seed?: Seed } = {},
): Samples<S> {
  requireOption('perClass', 'count', count, wholeFrom(0));
  if (!isIndexed(samples)) {
    return streamedSamples(async function* () {
      const admit = quota(count);
      for await (const sample of samples) if (admit(sample)) yield sample;
    });
  }
  const { length } = samples;
  const order =
    seed === undefined
      ? Array.from({ length }, (_, i) => i)
      : permutation(length, createRandom(seed, 'perClass'));
  const admit = quota(count);
  const chosen: number[] = [];
  for (const index of order) if (admit(samples.key(index))) chosen.push(index);
  return subset(
    samples,
    chosen.sort((a, b) => a - b),
  );
}

/** Labels of classes by their names. @throws DatasetError `UNKNOWN_CLASS`. */
export function labelsNamed(classes: readonly string[], names: readonly string[]): number[] {
  return names.map(name => {
    const label = classes.indexOf(name);
    if (label >= 0) return label;
    throw new DatasetError('UNKNOWN_CLASS', {
      where: 'labelsNamed',
      expected: `one of ${classes.slice(0, 20).join(', ')}${classes.length > 20 ? ', …' : ''}`,
      got: JSON.stringify(name),
      advice: 'check the spelling',
    });
  });
}

/** Number of samples of each label, `undefined` for those without one. */
export function countClasses(samples: IndexedSamples): Map<number | undefined, number> {
  const counts = new Map<number | undefined, number>();
  for (let index = 0; index < samples.length; index++) {
    const { label } = samples.key(index);
    counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  return counts;
}

function quota(count: number): (key: SampleKey) => boolean {
  const taken = new Map<number, number>();
  return ({ label }) => {
    if (label === undefined) return false;
    const n = taken.get(label) ?? 0;
    if (n >= count) return false;
    taken.set(label, n + 1);
    return true;
  };
}
