import { keyOf, type Sample, type SampleKey } from '../contract/sample.ts';
import {
  type IndexedSamples,
  indexedSamples,
  isIndexed,
  type Samples,
  streamedSamples,
} from '../contract/samples.ts';

/** Content of a sample without its key. */
export type Content<T extends Sample> = Omit<T, keyof SampleKey>;

/**
 * Samples with new content, made when they are read; id, label and group stay. Length and order stay. The box of an image stays
 * as well, unless `make` gives another, as it must where it scales the image.
 */
export function map<S extends Sample, T extends Sample>(
  samples: IndexedSamples<S>,
  make: (sample: S) => Content<T> | Promise<Content<T>>,
): IndexedSamples<T>;
export function map<S extends Sample, T extends Sample>(
  samples: Samples<S>,
  make: (sample: S) => Content<T> | Promise<Content<T>>,
): Samples<T>;
export function map<S extends Sample, T extends Sample>(
  samples: Samples<S>,
  make: (sample: S) => Content<T> | Promise<Content<T>>,
): Samples<T> {
  const convert = async (sample: S) =>
    ({
      ...('box' in sample && { box: sample.box }),
      ...(await make(sample)),
      ...keyOf(sample),
    }) as unknown as T;
  return converted(samples, convert, key => key);
}

/** Samples with new keys (ids with a prefix, other labels, groups); the content stays. */
export function mapKeys<S extends Sample>(
  samples: IndexedSamples<S>,
  rename: (key: SampleKey) => SampleKey,
): IndexedSamples<S>;
export function mapKeys<S extends Sample>(
  samples: Samples<S>,
  rename: (key: SampleKey) => SampleKey,
): Samples<S>;
export function mapKeys<S extends Sample>(
  samples: Samples<S>,
  rename: (key: SampleKey) => SampleKey,
): Samples<S> {
  const convert = (sample: S): S => {
    const { id: _id, label: _label, group: _group, ...content } = sample;
    return { ...content, ...keyOf(rename(keyOf(sample))) } as S;
  };
  return converted(samples, convert, key => keyOf(rename(key)));
}

/** Samples changed one by one as they are read, indexed where `samples` are. */
function converted<S extends Sample, T extends Sample>(
  samples: Samples<S>,
  convert: (sample: S) => T | Promise<T>,
  convertKey: (key: SampleKey) => SampleKey,
): Samples<T> {
  if (isIndexed(samples)) {
    return indexedSamples({
      length: samples.length,
      key: index => convertKey(samples.key(index)),
      read: async index => convert(await samples.read(index)),
    });
  }
  return streamedSamples(async function* () {
    for await (const sample of samples) yield await convert(sample);
  }, samples.length);
}
