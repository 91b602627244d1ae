// Backbones

export type {
  Backbone,
  BackboneDescription,
  BackboneGraph,
  BackboneOptions,
  BackboneOutput,
  Decision,
  Head,
  HeadProof,
  LayerCandidate,
  LayerPart,
  LayerPooling,
  Pooling,
  TfjsModel,
} from './backbone/backbone.ts';
export { candidatesOf } from './backbone/candidates.ts';
export { classNameCount, readConfiguredClasses } from './backbone/configured-classes.ts';
export type { FixedInputs } from './backbone/fix-inputs.ts';
export { openBackbone } from './backbone/open-backbone.ts';
export { makeProbe } from './backbone/probe.ts';

// Extraction

export { type ExtractedFeatures, extract } from './extraction/extract.ts';
export { type ExtractOptions, extractBatches, type FeatureModel } from './extraction/extract-batches.ts';
export type { ExtractedBatch, FeatureBatch } from './extraction/feature-batch.ts';
export type { PreparedTensor } from './extraction/prepared-tensor.ts';
export type { ExtractProgress } from './extraction/progress.ts';
export type { Failure, Sample, Samples } from './extraction/sample.ts';
export { type SampleDigest, sampleDigester } from './extraction/sample-digest.ts';
export type { Shard } from './extraction/shard.ts';

// Recordings

export { audioWindows, windowStarts } from './audio/audio-windows.ts';
export { type DecodeAudioOptions, decodeAudio, probeAudio } from './audio/decode-audio.ts';
export { audioPreparer, type PreparedAudio } from './audio/prepare-audio.ts';
export { resample } from './audio/resample.ts';
export type { AudioHeader, Waveform } from './audio/waveform.ts';

// Images

export { createSharedDecoder, type SharedDecoder } from './extraction/shared-decoder.ts';
export { type Box, cropBox } from './image/box.ts';
export { type DecodeOptions, decodeImage } from './image/decode.ts';
export type { PixelImage } from './image/pixel-image.ts';

// Preprocessing

export type { AudioPreprocessing, LogMel } from './preprocessing/audio-preprocessing.ts';
export { type AudioPresetName, audioPreset, audioPresetNames } from './preprocessing/audio-presets.ts';
export { preprocessingFor } from './preprocessing/for-input.ts';
export {
  hashPreprocessing,
  type PreprocessingSummary,
  parsePreprocessingSummary,
  preprocessingFiles,
  restorePreprocessing,
  summarizedFiles,
  summarizePreprocessing,
} from './preprocessing/hash.ts';
export { huggingFacePreprocessing } from './preprocessing/huggingface.ts';
export { type HuggingFaceTextOptions, huggingFaceText } from './preprocessing/huggingface-text.ts';
export type {
  BoxCrop,
  CenterCrop,
  Color,
  CornerRounding,
  ImagePreprocessing,
  Layout,
  PixelType,
  Resize,
  ResizeFilter,
  SideRounding,
} from './preprocessing/image-preprocessing.ts';
export { parsePreprocessing } from './preprocessing/parse.ts';
export { imagePreparer, type PreparedImage, preparePixels } from './preprocessing/prepare.ts';
export {
  kindOf,
  type Preprocessing,
  type PreprocessingKind,
  type Preprocessings,
} from './preprocessing/preprocessing.ts';
export { type PresetName, preset, presetNames } from './preprocessing/presets.ts';
export type { TextInputs, TextPreprocessing, TextSide } from './preprocessing/text-preprocessing.ts';
export { timmPreprocessing } from './preprocessing/timm.ts';

// Feature store

export type { StoredElement } from './store/arrow/layout.ts';
export { type ExtractedStore, type ExtractToStoreOptions, extractToStore } from './store/extract-to-store.ts';
export { type FeatureStore, type OpenStoreOptions, openFeatureStore } from './store/feature-store.ts';
export type { StoreHeader } from './store/metadata.ts';
export { createFeatureStore } from './store/open-writer.ts';
export { type Provenance, provenanceOf } from './store/provenance.ts';
export type { AppendedBatch, FeatureStoreWriter, StoreWriterOptions } from './store/store-writer.ts';

// Files of other tools

export type { ColumnNames } from './formats/columns.ts';
export type { FeatureFile, FeatureFileOptions, FeatureFiles } from './formats/contract.ts';
export { exportFeatures } from './formats/export-features.ts';
export { openFeatureFile } from './formats/feature-file.ts';
export { type ImportOptions, importFeatures } from './formats/import-features.ts';
export { toLabels, toMatrix } from './formats/rows-of.ts';

// Errors

export { FeaturesError, type FeaturesErrorCode } from './errors.ts';
