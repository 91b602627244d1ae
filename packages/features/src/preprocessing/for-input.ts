import type { TensorInfo } from '@ood/onnx';
import { channelsOf, type ImagePreprocessing } from './image-preprocessing.ts';
import { parseImagePreprocessing } from './parse-image.ts';

const floats = ['float32', 'float16'];

/**
 * The same preprocessing in the layout and float type that a model's input declares: presets, Hugging Face's and timm's
 * files are about images, and know nothing of how a model was exported. Where the input leaves it open, nothing changes.
 */
export function preprocessingFor(
  preprocessing: ImagePreprocessing,
  { type, dims }: Pick<TensorInfo, 'type' | 'dims'>,
): ImagePreprocessing {
  const channels = channelsOf(preprocessing);
  const [, first, , last] = dims;
  const isImage = dims.length === 4 && (first === channels) !== (last === channels);
  const changesType = floats.includes(type) && floats.includes(preprocessing.dtype);
  return parseImagePreprocessing({
    ...preprocessing,
    ...(isImage && { layout: first === channels ? 'NCHW' : 'NHWC' }),
    ...(changesType && { dtype: type }),
  });
}
