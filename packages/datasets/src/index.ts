// contract
export { type Dataset, type DatasetParts, defineDataset } from './contract/dataset.ts';
export {
  type BytesSample,
  isBytesSample,
  isPixelsSample,
  isVectorSample,
  keyOf,
  type Pixels,
  type PixelsSample,
  type Sample,
  type SampleKey,
  type VectorSample,
} from './contract/sample.ts';
export {
  collect,
  type IndexedSamples,
  type IndexedSamplesParts,
  indexedSamples,
  isIndexed,
  type Samples,
  samplesOf,
  streamedSamples,
} from './contract/samples.ts';

// errors
export {
  DatasetError,
  type ErrorParts,
  FormatError,
  type FormatErrorCode,
  isDatasetError,
} from './errors.ts';

// the embedded data set
export type { GlyphSet, LabelledGlyphSet } from './glyphs/glyph-set.ts';
export { type GlyphsDataset, glyphSamples, glyphsDataset } from './glyphs/glyphs-dataset.ts';
export type { GlyphSource } from './glyphs/manifest.ts';
export { type Glyphs, type OpenGlyphsOptions, openGlyphs } from './glyphs/open-glyphs.ts';
