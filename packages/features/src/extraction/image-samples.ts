import type { TensorInfo } from '@ood/onnx';
import { FeaturesError } from '../errors.ts';
import { cropBox } from '../image/box.ts';
import { decodeAndUse } from '../image/decode.ts';
import type { PixelImage } from '../image/pixel-image.ts';
import { outputSize } from '../preprocessing/geometry.ts';
import { channelsOf, type ImagePreprocessing } from '../preprocessing/image-preprocessing.ts';
import { imagePreparer, type PreparedImage } from '../preprocessing/prepare.ts';
import { fits, itemDims, mismatch, singleInput, wrongShape } from './model-inputs.ts';
import type { PreparedRow, PrepareOptions, SamplePreparer } from './prepared.ts';
import { isBoxed } from './sample.ts';
import { createSharedDecoder } from './shared-decoder.ts';

/**
 * Checks, before anything is decoded, that the preprocessing can feed the model.
 *
 * @throws FeaturesError MODEL_INPUT_MISMATCH
 */
export function checkImageInputs(inputs: readonly TensorInfo[], preprocessing: ImagePreprocessing): void {
  const info = singleInput(inputs);
  if (info.type !== preprocessing.dtype)
    throw mismatch({
      where: `input '${info.name}'`,
      expected: info.type,
      got: `${preprocessing.dtype} from the preprocessing`,
      advice: `set its dtype to '${info.type}'`,
      details: { input: info, dtype: preprocessing.dtype },
    });
  const size = outputSize(preprocessing);
  const channels = channelsOf(preprocessing);
  const [h, w] = size ? [size.height, size.width] : [null, null];
  const dims = preprocessing.layout === 'NCHW' ? [channels, h, w] : [h, w, channels];
  if (size) itemDims(info, dims as number[]);
  else if (info.dims.length === 4 && !dims.every((dim, i) => fits(info.dims[i + 1]!, dim)))
    throw wrongShape(info, dims);
}

/** A preparer of encoded images and of pixels that resamples in the calling thread (the decoder has threads of its own). */
export function imageSamples(
  inputs: readonly TensorInfo[],
  preprocessing: ImagePreprocessing,
  { decoder = createSharedDecoder(), ...options }: PrepareOptions,
): SamplePreparer {
  const { name } = singleInput(inputs);
  const { orientation, boxes } = preprocessing;
  const decoding = { ...options, orientation };
  const prepareImage = imagePreparer(preprocessing);
  const own = new WeakSet<PreparedRow>();
  const free: PreparedImage['data'][] = [];
  const prepare = (image: PixelImage): PreparedRow => {
    const row = { [name]: prepareImage(image, free.pop()) as PreparedRow[string] };
    own.add(row);
    return row;
  };
  return {
    recycle(row) {
      if (own.delete(row)) free.push(row[name]!.data as PreparedImage['data']);
    },
    async prepare(sample) {
      if ('pixels' in sample) {
        const image = checkPixels(sample.pixels);
        return prepare(isBoxed(sample) ? cropBox(image, sample.box, boxes) : image);
      }
      if ('bytes' in sample) {
        if (!isBoxed(sample)) return decodeAndUse(sample.bytes, decoding, prepare);
        const image = await decoder.decode(sample.bytes, decoding);
        return prepare(cropBox(image, sample.box, boxes));
      }
      throw new FeaturesError('SAMPLE_INVALID', {
        where: 'sample',
        expected: 'an image, as the preprocessing says',
        got: Object.keys(sample)
          .filter(key => key !== 'id' && key !== 'label')
          .join(', '),
        advice: 'give bytes or pixels',
      });
    },
  };
}

function checkPixels(pixels: PixelImage): PixelImage {
  const { width, height, channels, data } = pixels;
  if (
    width >= 1 &&
    height >= 1 &&
    channels >= 1 &&
    channels <= 4 &&
    data.length === width * height * channels
  )
    return pixels;
  throw new FeaturesError('SAMPLE_INVALID', {
    where: 'pixels',
    expected: `${width}×${height}×${channels} bytes of 1 to 4 channels`,
    got: `${data.length}`,
    advice: 'correct the sample',
    details: { width, height, channels, length: data.length },
  });
}
