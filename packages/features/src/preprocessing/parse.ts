import { FeaturesError } from '../errors.ts';
import { type CenterCrop, channelsOf, type Preprocessing, type Resize } from './preprocessing.ts';

const LARGEST_SIDE = 16384;

const shape: Record<keyof Preprocessing, string> = {
  version: '1',
  orientation: "'ignore' or 'exif'",
  color: "'rgb', 'bgr' or 'gray'",
  resize: "{ kind: 'shorter-side', size, rounding }, { kind: 'exact', width, height } or { kind: 'none' }",
  filter: "'nearest', 'box', 'bilinear', 'hamming', 'bicubic' or 'lanczos'",
  crop: 'null or { width, height, rounding }',
  scale: 'a positive number',
  mean: 'one finite number per channel',
  std: 'one positive number per channel',
  layout: "'NCHW' or 'NHWC'",
  dtype: "'float32', 'float16' or 'uint8'",
};

/**
 * The preprocessing that a JSON value (or text) describes, checked: unknown keys, missing keys and impossible values are errors.
 *
 * @throws FeaturesError INVALID_OPTION naming the key; NEWER_VERSION for a description of a later version
 */
export function parsePreprocessing(value: unknown): Preprocessing {
  const object = asObject(typeof value === 'string' ? parseJson(value) : value);
  if (typeof object.version === 'number' && object.version > 1)
    throw new FeaturesError('NEWER_VERSION', {
      where: 'preprocessing.version',
      expected: 'at most 1',
      got: `${object.version}`,
      advice: 'update @ood/features to read it',
      details: { version: object.version },
    });
  for (const key of Object.keys(object)) if (!Object.hasOwn(shape, key)) throw unknownKey(key);
  const candidate = object as unknown as Preprocessing;
  for (const key of Object.keys(shape) as (keyof Preprocessing)[])
    if (!checks[key](candidate[key] as never, candidate))
      throw new FeaturesError('INVALID_OPTION', {
        where: `preprocessing.${key}`,
        expected: shape[key],
        got: `${JSON.stringify(candidate[key])}`,
        advice: 'correct the preprocessing',
        details: { key, value: candidate[key] },
      });
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
  });
}

type Checks = { [K in keyof Preprocessing]-?: (value: Preprocessing[K], all: Preprocessing) => boolean };

const checks: Checks = {
  version: value => value === 1,
  orientation: value => ['ignore', 'exif'].includes(value),
  color: value => ['rgb', 'bgr', 'gray'].includes(value),
  resize: isResize,
  filter: value => ['nearest', 'box', 'bilinear', 'hamming', 'bicubic', 'lanczos'].includes(value),
  crop: value => value === null || isCrop(value),
  scale: value => Number.isFinite(value) && value > 0,
  mean: (value, all) => isPerChannel(value, all, () => true),
  std: (value, all) => isPerChannel(value, all, v => v > 0),
  layout: value => ['NCHW', 'NHWC'].includes(value),
  dtype: (value, all) =>
    ['float32', 'float16'].includes(value) ||
    (value === 'uint8' && all.scale === 1 && all.mean.every(v => v === 0) && all.std.every(v => v === 1)),
};

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

function isSide(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= LARGEST_SIDE;
}

function isPerChannel(value: unknown, all: Preprocessing, allowed: (v: number) => boolean): boolean {
  return (
    Array.isArray(value) &&
    value.length === channelsOf(all) &&
    value.every(v => Number.isFinite(v) && allowed(v))
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new FeaturesError('INVALID_OPTION', {
      where: 'preprocessing',
      expected: 'JSON',
      got: 'text that does not parse',
      advice: 'check the file',
      cause,
    });
  }
}

function asObject(value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw new FeaturesError('INVALID_OPTION', {
    where: 'preprocessing',
    expected: 'an object',
    got: value === null ? 'null' : typeof value,
    advice: "use preset('imagenet') or a full description",
  });
}

function unknownKey(key: string): FeaturesError {
  return new FeaturesError('INVALID_OPTION', {
    where: 'preprocessing',
    expected: `only the keys ${Object.keys(shape).join(', ')}`,
    got: `'${key}'`,
    advice: key === 'colour' ? 'its name is color, gray its grey' : 'remove it',
    details: { key },
  });
}

function deepFreeze<T extends object>(value: T): T {
  for (const member of Object.values(value))
    if (typeof member === 'object' && member !== null) deepFreeze(member);
  return Object.freeze(value);
}
