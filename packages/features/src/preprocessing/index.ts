// Preprocessing of decoded pixels, for Node and browsers: nothing here reads files or decodes.

export { audioPreparer, type PreparedAudio } from '../audio/prepare-audio.ts';
export { resample } from '../audio/resample.ts';
export type { Waveform } from '../audio/waveform.ts';
export { FeaturesError, type FeaturesErrorCode } from '../errors.ts';
export { type Box, cropBox } from '../image/box.ts';
export type { PixelImage } from '../image/pixel-image.ts';
export type { AudioPreprocessing, LogMel } from './audio-preprocessing.ts';
export { type AudioPresetName, audioPreset, audioPresetNames } from './audio-presets.ts';
export { preprocessingFor } from './for-input.ts';
export { outputSize, type Size } from './geometry.ts';
export { huggingFacePreprocessing } from './huggingface.ts';
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
} from './image-preprocessing.ts';
export { parsePreprocessing } from './parse.ts';
export { imagePreparer, type PreparedImage, preparePixels } from './prepare.ts';
export { kindOf, type Preprocessing, type PreprocessingKind } from './preprocessing.ts';
export { type PresetName, preset, presetNames } from './presets.ts';
export { timmPreprocessing } from './timm.ts';
