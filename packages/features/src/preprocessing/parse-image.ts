import { checkKeys, deepFreeze, type KeyRules } from './check-keys.ts';
import {
  type BoxCrop,
  type CenterCrop,
  channelsOf,
  type ImagePreprocessing,
  type Resize,
} from './image-preprocessing.ts';

const LARGEST_SIDE = 16384;

const filters = ['nearest', 'box', 'bilinear', 'hamming', 'bicubic', 'lanczos'];

const rules: KeyRules<ImagePreprocessing> = {
  version: ['1', value => value === 1],
  orientation: ["'ignore' or 'exif'", value => ['ignore', 'exif'].includes(value)],
  color: ["'rgb', 'bgr' or 'gray'", value => ['rgb', 'bgr', 'gray'].includes(value)],
  resize: [
    "{ kind: 'shorter-side', size, rounding }, { kind: 'exact', width, height } or { kind: 'none' }",
    isResize,
  ],
  filter: [
    "'nearest', 'box', 'bilinear', 'hamming', 'bicubic' or 'lanczos'",
    value => filters.includes(value),
  ],
  crop: ['null or { width, height, rounding }', value => value === null || isCrop(value)],
  scale: ['a positive number', value => Number.isFinite(value) && value > 0],
  mean: ['one finite number per channel', (value, all) => isPerChannel(value, all, () => true)],
  std: ['one positive number per channel', (value, all) => isPerChannel(value, all, v => v > 0)],
  layout: ["'NCHW' or 'NHWC'", value => ['NCHW', 'NHWC'].includes(value)],
  dtype: [
    "'float32', 'float16' or 'uint8'",
    (value, all) =>
      ['float32', 'float16'].includes(value) ||
      (value === 'uint8' && all.scale === 1 && all.mean.every(v => v === 0) && all.std.every(v => v === 1)),
  ],
  boxes: [
    'left out, or { margin, square } with a margin from 0 to 10',
    value => value === undefined || isBoxCrop(value),
  ],
};

/** The preprocessing of images that an object describes, checked and frozen. @throws as `parsePreprocessing` */
export function parseImagePreprocessing(object: Readonly<Record<string, unknown>>): ImagePreprocessing {
  const candidate = checkKeys(object, rules, key =>
    key === 'colour' ? 'its name is color, gray its grey' : undefined,
  );
  return deepFreeze({
    version: 1,
    orientation: candidate.orientation,
    color: candidate.color,
    resize: { ...candidate.resize },
    filter: candidate.filter,
    crop: candidate.crop && { ...candidate.crop },
    scale: candidate.scale,
    mean: [...candidate.mean],
    std: [...candidate.std],
    layout: candidate.layout,
    dtype: candidate.dtype,
    ...(candidate.boxes && { boxes: { ...candidate.boxes } }),
  });
}

function isResize(value: Resize): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const keys = Object.keys(value).sort().join();
  if (value.kind === 'none') return keys === 'kind';
  if (value.kind === 'exact')
    return keys === 'height,kind,width' && isSide(value.width) && isSide(value.height);
  return (
    value.kind === 'shorter-side' &&
    keys === 'kind,rounding,size' &&
    isSide(value.size) &&
    ['truncate', 'round'].includes(value.rounding)
  );
}

function isCrop(value: CenterCrop): boolean {
  return (
    typeof value === 'object' &&
    Object.keys(value).sort().join() === 'height,rounding,width' &&
    isSide(value.width) &&
    isSide(value.height) &&
    ['half-even', 'floor'].includes(value.rounding)
  );
}

function isBoxCrop(value: BoxCrop): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.keys(value).sort().join() === 'margin,square' &&
    value.margin >= 0 &&
    value.margin <= 10 &&
    typeof value.margin === 'number' &&
    typeof value.square === 'boolean'
  );
}

function isSide(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= LARGEST_SIDE;
}

function isPerChannel(value: unknown, all: ImagePreprocessing, allowed: (v: number) => boolean): boolean {
  return (
    Array.isArray(value) &&
    value.length === channelsOf(all) &&
    value.every(v => Number.isFinite(v) && allowed(v))
  );
}
