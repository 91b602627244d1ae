/** Preprocessing alone: runs anywhere, without files, decoders or an engine. */
export type { PixelImage } from '../image/pixel-image.ts';
export { preprocessingFor } from './for-input.ts';
export { huggingFacePreprocessing } from './huggingface.ts';
export { parsePreprocessing } from './parse.ts';
export { imagePreparer, type PreparedImage, preparePixels } from './prepare.ts';
export type {
  CenterCrop,
  Color,
  CornerRounding,
  Layout,
  PixelType,
  Preprocessing,
  Resize,
  ResizeFilter,
  SideRounding,
} from './preprocessing.ts';
export { type PresetName, preset, presetNames } from './presets.ts';
export { timmPreprocessing } from './timm.ts';
