import { type Dataset, defineDataset } from '../contract/dataset.ts';
import type { PixelsSample } from '../contract/sample.ts';
import { type IndexedSamples, indexedSamples } from '../contract/samples.ts';
import type { GlyphSet } from './glyph-set.ts';
import { type OpenGlyphsOptions, openGlyphs } from './open-glyphs.ts';

/** The embedded glyphs under the data set contract: every split can be read in any order. */
export interface GlyphsDataset extends Dataset<PixelsSample> {
  open(split: string): Promise<IndexedSamples<PixelsSample>>;
}

/**
 * The embedded `glyphs` as a data set: the splits `train`, `validation`, `test`, and one split `ood/<name>` for
 * every OOD set. A sample's `group` is its typeface family. Errors as {@link openGlyphs}.
 */
export async function glyphsDataset(options: OpenGlyphsOptions = {}): Promise<GlyphsDataset> {
  const { name, license, classes, train, validation, test, ood } = await openGlyphs(options);
  const named: [string, GlyphSet][] = [
    ['train', train],
    ['validation', validation],
    ['test', test],
    ...ood.map((set): [string, GlyphSet] => [`ood/${set.name}`, set]),
  ];
  const splits = Object.fromEntries(named.map(([split, set]) => [split, () => glyphSamples(set)]));
  return defineDataset<PixelsSample, IndexedSamples<PixelsSample>>({ name, license, classes, splits });
}

/** The rows of a set as samples; the pixels are views into the set's, not copies. */
export function glyphSamples(set: GlyphSet): IndexedSamples<PixelsSample> {
  const { width, height, count, labels, ids, families, pixels } = set;
  const key = (index: number) => ({
    id: ids[index]!,
    ...(labels && { label: labels[index]! }),
    group: families[index]!,
  });
  const size = width * height;
  return indexedSamples({
    length: count,
    key,
    read: async index => ({
      ...key(index),
      pixels: { width, height, channels: 1, data: pixels.subarray(index * size, (index + 1) * size) },
    }),
  });
}
