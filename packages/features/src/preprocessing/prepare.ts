import { float32ToFloat16 } from '@ood/core';
import type { ElementArrays } from '@ood/onnx';
import { toColor } from '../image/color.ts';
import { lookUpPlanes } from '../image/look-up.ts';
import type { PixelImage } from '../image/pixel-image.ts';
import { resample } from '../image/resample.ts';
import { centerCorner, resizedSize } from './geometry.ts';
import { channelsOf, type ImagePreprocessing, type PixelType } from './image-preprocessing.ts';

type Values = ElementArrays[PixelType];

/** One image as the model's input without its batch dimension. */
export interface PreparedImage {
  readonly type: PixelType;
  /** `[C, H, W]` or `[H, W, C]`. */
  readonly dims: readonly number[];
  readonly data: Values;
}

/** Resizes, crops and pads `image`: the 8-bit pixels that the model will see, in the color order of the preprocessing. */
export function preparePixels(image: PixelImage, preprocessing: ImagePreprocessing): PixelImage {
  const colored = toColor(image, preprocessing.color);
  const size = resizedSize(colored, preprocessing.resize);
  const crop = preprocessing.crop;
  if (!crop) return resample(colored, size, preprocessing.filter, { x: 0, y: 0, ...size });
  const x = centerCorner(size.width, crop.width, crop.rounding);
  const y = centerCorner(size.height, crop.height, crop.rounding);
  const inside = resample(colored, size, preprocessing.filter, {
    x: Math.max(0, x),
    y: Math.max(0, y),
    width: Math.min(size.width, crop.width),
    height: Math.min(size.height, crop.height),
  });
  if (inside.width === crop.width && inside.height === crop.height) return inside;
  return pad(inside, { left: Math.max(0, -x), top: Math.max(0, -y), width: crop.width, height: crop.height });
}

/**
 * A function that turns decoded images into model inputs: `preparePixels`, then scale, mean, std, layout and element type.
 * It writes to `into`, e.g. the data of an earlier result, where that has the right type and length, else to a new array.
 */
export function imagePreparer(
  preprocessing: ImagePreprocessing,
): (image: PixelImage, into?: PreparedImage['data']) => PreparedImage {
  const tables = normalizationTables(preprocessing);
  const channels = channelsOf(preprocessing);
  return (image, into) => {
    const { width, height, data } = preparePixels(image, preprocessing);
    const planar = preprocessing.layout === 'NCHW';
    const fits = into?.constructor === tables[0]!.constructor && into.length === data.length;
    const out = fits ? into : emptyLike(tables[0]!, data.length);
    (planar ? toPlanes : toInterleaved)(data, tables, out);
    return {
      type: preprocessing.dtype,
      dims: planar ? [channels, height, width] : [height, width, channels],
      data: out,
    };
  };
}

/** For each channel, the 256 values that a byte can become: `(v · scale − mean) / std` in float32 steps, as torchvision computes it. */
function normalizationTables({ scale, mean, std, dtype }: ImagePreprocessing): Values[] {
  const f = Math.fround;
  const scaled = (v: number) =>
    1 / scale === Math.round(1 / scale) ? f(v / Math.round(1 / scale)) : f(v * f(scale));
  return mean.map((m, c) => {
    const values = Float32Array.from({ length: 256 }, (_, v) => f(f(scaled(v) - f(m)) / f(std[c]!)));
    if (dtype === 'float16') return float32ToFloat16(values);
    return dtype === 'uint8' ? Uint8Array.from(values) : values;
  });
}

function toPlanes(pixels: Uint8Array, tables: readonly Values[], out: Values): void {
  if (out instanceof Float32Array) {
    lookUpPlanes(pixels, tables as readonly Float32Array[], out);
    return;
  }
  const channels = tables.length;
  const plane = pixels.length / channels;
  for (let c = 0; c < channels; c++) {
    const table = tables[c]!;
    for (let o = c * plane, p = c; p < pixels.length; o++, p += channels) out[o] = table[pixels[p]!]!;
  }
}

function toInterleaved(pixels: Uint8Array, tables: readonly Values[], out: Values): void {
  const channels = tables.length;
  for (let c = 0; c < channels; c++) {
    const table = tables[c]!;
    for (let p = c; p < pixels.length; p += channels) out[p] = table[pixels[p]!]!;
  }
}

function emptyLike(table: Values, length: number): Values {
  if (table instanceof Float32Array) return new Float32Array(length);
  return table instanceof Uint16Array ? new Uint16Array(length) : new Uint8Array(length);
}

function pad(
  image: PixelImage,
  target: { left: number; top: number; width: number; height: number },
): PixelImage {
  const { channels } = image;
  const data = new Uint8Array(target.width * target.height * channels);
  const stride = image.width * channels;
  for (let y = 0; y < image.height; y++)
    data.set(
      image.data.subarray(y * stride, (y + 1) * stride),
      ((target.top + y) * target.width + target.left) * channels,
    );
  return { width: target.width, height: target.height, channels, data };
}
