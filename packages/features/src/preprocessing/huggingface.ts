import { FeaturesError } from '../errors.ts';
import { parsePreprocessing } from './parse.ts';
import type { CentreCrop, Preprocessing, Resize, ResizeFilter } from './preprocessing.ts';
import { timmPreprocessing } from './timm.ts';

/** Pillow's numbers for its filters. */
const filters: readonly ResizeFilter[] = ['nearest', 'lanczos', 'bilinear', 'bicubic', 'box', 'hamming'];

/** Keys of `preprocessor_config.json` that change nothing here, whatever their value. */
const irrelevant = new Set([
  '_processor_class',
  'auto_map',
  'data_format',
  'default_to_square',
  'device',
  'disable_grouping',
  'do_convert_rgb',
  'feature_extractor_type',
  'image_processor_type',
  'image_seq_length',
  'include_top',
  'input_data_format',
  'model_input_names',
  'num_channels',
  'processor_class',
  'return_tensors',
  'use_fast',
  '_valid_processor_keys',
]);

type Config = Readonly<Record<string, unknown>>;

/**
 * The preprocessing that a Hugging Face `preprocessor_config.json` describes (image processors of ViT, DeiT, BEiT, CLIP,
 * SigLIP, DINOv2, ConvNeXt, LeViT, ResNet, Swin, MobileNet, EfficientNet and alike; timm's wrapper too). Where the file is silent,
 * the library's defaults hold: scale 1/255; crop corners rounded down; missing flags follow from the keys that are there.
 *
 * @throws FeaturesError CONFIG_INVALID; CONFIG_UNSUPPORTED naming the key that has no counterpart here, e.g. padding
 */
export function huggingFacePreprocessing(config: unknown): Preprocessing {
  const given = asConfig(config);
  if ('pretrained_cfg' in given) return timmPreprocessing(given);
  const known = new Set([
    'crop_pct',
    'crop_size',
    'do_center_crop',
    'do_flip_channel_order',
    'do_normalize',
    'do_rescale',
    'do_resize',
    'image_mean',
    'image_std',
    'interpolation',
    'resample',
    'rescale_factor',
    'size',
  ]);
  for (const [key, value] of Object.entries(given))
    if (!known.has(key) && !irrelevant.has(key) && changesPixels(key, value)) throw unsupported(key, value);

  const normalise = given.do_normalize ?? 'image_mean' in given;
  const rescale = given.do_rescale ?? true;
  const geometry = geometryOf(given);
  const std = normalise ? perChannel(given.image_std, 'image_std') : [1, 1, 1];
  return parsePreprocessing({
    version: 1,
    orientation: 'ignore',
    colour: given.do_flip_channel_order ? 'bgr' : 'rgb',
    ...geometry,
    filter: filterOf(given),
    scale: rescale ? Number(given.rescale_factor ?? 1 / 255) : 1,
    mean: normalise ? perChannel(given.image_mean, 'image_mean') : [0, 0, 0],
    // EfficientNet's processor divides by the deviation twice unless told otherwise.
    std: isType(given, 'EfficientNet') && given.include_top !== false ? std.map(value => value * value) : std,
    layout: 'NCHW',
    dtype: 'float32',
  });
}

interface Geometry {
  readonly resize: Resize;
  readonly crop: CentreCrop | null;
}

function geometryOf(config: Config): Geometry {
  if (isType(config, 'ConvNext')) return convNextGeometry(config);
  if (config.crop_pct !== undefined && config.crop_pct !== null)
    throw unsupported('crop_pct', config.crop_pct);
  const { resize, crop } = plainGeometry(config);
  // LeViT's processor enlarges the shorter side by 256/224 itself.
  if (isType(config, 'Levit') && resize.kind === 'shorter-side')
    return { resize: { ...resize, size: Math.trunc((256 / 224) * resize.size) }, crop };
  return { resize, crop };
}

function plainGeometry(config: Config): Geometry {
  const size = config.size;
  const crops = config.do_center_crop ?? 'crop_size' in config;
  const resize: Resize = config.do_resize === false ? { kind: 'none' } : resizeOf(size, Boolean(crops));
  if (!crops) return { resize, crop: null };
  const { width, height } = sides(config.crop_size ?? size, 'crop_size');
  return { resize, crop: { width, height, rounding: 'floor' } };
}

/** Old files give a bare number: the shorter side where a crop follows, else both sides. */
function resizeOf(size: unknown, crops: boolean): Resize {
  if (typeof size === 'number')
    return crops
      ? { kind: 'shorter-side', size, rounding: 'truncate' }
      : { kind: 'exact', width: size, height: size };
  if (typeof size === 'object' && size !== null) {
    const { shortest_edge: shortest, ...rest } = size as Record<string, unknown>;
    if (typeof shortest === 'number' && Object.keys(rest).length === 0)
      return { kind: 'shorter-side', size: shortest, rounding: 'truncate' };
    if (shortest === undefined) return { kind: 'exact', ...sides(size, 'size') };
  }
  throw unsupported('size', size);
}

/** ConvNeXt below 384: shorter side `size / crop_pct`, then a crop of `size`; from 384 on: warped to the square. */
function convNextGeometry(config: Config): Geometry {
  const edge =
    typeof config.size === 'number'
      ? config.size
      : (config.size as { shortest_edge?: number } | undefined)?.shortest_edge;
  if (typeof edge !== 'number') throw unsupported('size', config.size);
  if (edge >= 384) return { resize: { kind: 'exact', width: edge, height: edge }, crop: null };
  const share = Number(config.crop_pct ?? 224 / 256);
  return {
    resize: { kind: 'shorter-side', size: Math.trunc(edge / share), rounding: 'truncate' },
    crop: { width: edge, height: edge, rounding: 'floor' },
  };
}

function isType(config: Config, name: string): boolean {
  return `${config.image_processor_type ?? config.feature_extractor_type ?? ''}`.startsWith(name);
}

function filterOf(config: Config): ResizeFilter {
  const value = config.resample ?? config.interpolation ?? (config.do_resize === false ? 2 : undefined);
  const found = typeof value === 'number' ? filters[value] : filters.find(name => name === value);
  if (found) return found;
  throw unsupported('resample', value);
}

function sides(value: unknown, key: string): { width: number; height: number } {
  if (typeof value === 'number') return { width: value, height: value };
  const { width, height, shortest_edge: edge } = (value ?? {}) as Record<string, unknown>;
  if (typeof width === 'number' && typeof height === 'number') return { width, height };
  if (typeof edge === 'number') return { width: edge, height: edge };
  throw unsupported(key, value);
}

function perChannel(value: unknown, key: string): readonly number[] {
  if (typeof value === 'number') return [value, value, value];
  if (Array.isArray(value) && value.length === 3) return value;
  throw unsupported(key, value);
}

function changesPixels(key: string, value: unknown): boolean {
  const switchedOff = value === false || value === null;
  return !switchedOff && /^(do_|pad|size_divisor|rescale_offset|max_|min_|patch|merge|reduce)/.test(key);
}

function asConfig(config: unknown): Config {
  if (typeof config === 'object' && config !== null && !Array.isArray(config)) return config as Config;
  throw new FeaturesError(
    'CONFIG_INVALID',
    `preprocessor_config.json: expected a JSON object, got ${Array.isArray(config) ? 'a list' : typeof config}; pass the parsed file`,
  );
}

function unsupported(key: string, value: unknown): FeaturesError {
  return new FeaturesError(
    'CONFIG_UNSUPPORTED',
    `preprocessor_config.json: ${key}: expected resizing, centre crop and normalisation as image classifiers use them, got ${JSON.stringify(value) ?? 'nothing'}; write the preprocessing by hand`,
    { key, value },
  );
}
