// Contract

export { type Dataset, type DatasetParts, defineDataset } from './contract/dataset.ts';
export {
  type Box,
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

// Boxes on images

export type { BoxList, ListedBox } from './boxes/box-list.ts';
export { type BoxSample, type BoxSamples, type BoxSamplesOptions, boxSamples } from './boxes/box-samples.ts';
export { type ReadBoxesOptions, readBoxes } from './boxes/read-boxes.ts';

// Sources

export {
  type ArchiveImagesOptions,
  type ArchiveSamples,
  archiveImages,
  imagesOf,
} from './sources/archive-images.ts';
export { type CifarOptions, cifar } from './sources/cifar.ts';
export { type CsvOptions, type CsvSamples, csvVectors } from './sources/csv.ts';
export { type IdxOptions, idxImages } from './sources/idx.ts';
export { type ImageFolderOptions, type ImageSamples, imageFolder } from './sources/image-folder.ts';
export { type ImageListOptions, imageList, readImageList } from './sources/image-list.ts';
export { isAudioName, isImageName, type LeftOut, type LeftOutReason } from './sources/images.ts';
export { type Mat5Array, readMat5 } from './sources/mat5.ts';
export { type NpyArray, openNpy } from './sources/npy.ts';
export { type NpyOptions, npyImages, npyVectors } from './sources/npy-samples.ts';
export { type Npz, type NpzOptions, openNpz } from './sources/npz.ts';
export { svhn } from './sources/svhn.ts';
export {
  readTexts,
  type TextFormat,
  type TextOptions,
  type TextSample,
  type Texts,
  type UnreadableText,
} from './sources/texts.ts';

// Archives and bytes

export type { Archive, ArchiveEntry } from './archive/archive.ts';
export { type ExtractOptions, extractArchive } from './archive/extract.ts';
export type { ArchiveLimits } from './archive/limits.ts';
export { openArchive } from './archive/open-archive.ts';
export { type ByteSource, type BytesInput, bytesSource, openBytes, openFile } from './bytes/byte-source.ts';

// Catalog and downloads

export { catalog, findDataset } from './catalog/catalog.ts';
export type {
  CatalogEntry,
  CatalogFile,
  CatalogOverlap,
  CatalogSplit,
  SplitLayout,
} from './catalog/entry.ts';
export { type OpenDatasetOptions, openDataset } from './catalog/open.ts';
export type { Pin } from './catalog/pins.ts';
export {
  type EnsureOptions,
  type FileStatus,
  Store,
  type StoreOptions,
  type VerifiedFile,
} from './catalog/store.ts';
export { withoutOverlap } from './catalog/without-overlap.ts';
export type { Checksums, Expected } from './download/checksum.ts';
export { type Clock, systemClock } from './download/clock.ts';
export {
  type DownloadOptions,
  type DownloadProgress,
  downloadFile,
  type RemoteFile,
} from './download/download-file.ts';
export { type DownloadFailure, downloadFailureOf } from './download/errors.ts';
export type { FileFormat } from './download/file-format.ts';
export { cacheFolder, type Env, type FolderOptions, folderVariable } from './download/folders.ts';
export { type Fetch, proxyFetch } from './download/proxy-fetch.ts';

// Choosing and combining

export { countClasses, exceptClasses, labelsNamed, onlyClasses, perClass } from './combine/classes.ts';
export { concat } from './combine/concat.ts';
export { type Content, map, mapKeys } from './combine/map.ts';
export { toMatrix, type VectorMatrix } from './combine/matrix.ts';
export { type ShuffleOptions, shuffle } from './combine/shuffle.ts';
export { filter, filterKeys, indicesWhere, subset, take } from './combine/subset.ts';
export { groupOf, type SplitOptions, sharedGroups, splitByHash, splitExactly } from './splits/split.ts';

// Overlap between sets

export { contentHash } from './overlap/content-hash.ts';
export {
  type Decode,
  type ExactPair,
  findDuplicates,
  findOverlap,
  type NearPair,
  type OverlapOptions,
  type OverlapReport,
} from './overlap/overlap.ts';
export { type Fingerprint, fingerprint, hashDistance, similarity } from './overlap/perceptual-hash.ts';

// Synthetic data and corruptions

export { type CorruptOptions, corrupt, corruptionNames, corruptPixels } from './corruptions/corrupt.ts';
export { jpegRoundTrip } from './corruptions/jpeg.ts';
export {
  type CorruptionName,
  SEVERITIES,
  type Severity,
  type SeverityScale,
} from './corruptions/severity.ts';
export { type BlobsOptions, blobs } from './synthetic/blobs.ts';
export { type CheckerboardOptions, checkerboard } from './synthetic/checkerboard.ts';
export { type MoonsOptions, moons } from './synthetic/moons.ts';
export { type RingsOptions, rings } from './synthetic/rings.ts';
export type { Toy, ToyOptions } from './synthetic/toy.ts';

// The embedded data set

export type { GlyphSet, LabeledGlyphSet } from './glyphs/glyph-set.ts';
export { type GlyphsDataset, glyphSamples, glyphsDataset } from './glyphs/glyphs-dataset.ts';
export type { GlyphSource } from './glyphs/manifest.ts';
export { type GlyphsBackbone, openGlyphsBackbone } from './glyphs/open-backbone.ts';
export { type Glyphs, type OpenGlyphsOptions, openGlyphs } from './glyphs/open-glyphs.ts';

// Errors

export { DatasetError, type DatasetErrorCode } from './errors.ts';
