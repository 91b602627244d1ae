import { FeaturesError } from '../errors.ts';
import type { CenterCrop, ImagePreprocessing, Resize, ResizeFilter } from './image-preprocessing.ts';
import { parseImagePreprocessing } from './parse-image.ts';
import { familyName, familyNames, familyOf, type ProcessorFamily } from './processor-families.ts';
import { timmPreprocessing } from './timm.ts';

/** Pillow's numbers for its filters. */
const filters: readonly ResizeFilter[] = ['nearest', 'lanczos', 'bilinear', 'bicubic', 'box', 'hamming'];

/** Keys that are read here, and those that change no pixel whatever their value. */
const known = new Set([
  'crop_pct',
  'crop_size',
  'do_center_crop',
  'do_flip_channel_order',
  'do_normalize',
  'do_rescale',
  'do_resize',
  'feature_extractor_type',
  'image_mean',
  'image_processor_type',
  'image_std',
  'include_top',
  'interpolation',
  'resample',
  'rescale_factor',
  'size',

  '_processor_class',
  '_valid_processor_keys',
  'auto_map',
  'data_format',
  'default_to_square',
  'device',
  'disable_grouping',
  'do_convert_annotations',
  'do_convert_rgb',
  'do_reduce_labels',
  'format',
  'image_seq_length',
  'input_data_format',
  'model_input_names',
  'num_channels',
  'processor_class',
  'reduce_labels',
  'return_tensors',
  'use_fast',
]);

type Config = Readonly<Record<string, unknown>>;

/** A file without its empty keys, and the processor that it names, if it does. */
interface Source {
  readonly config: Config;
  readonly name: string;
  readonly family: ProcessorFamily | undefined;
}

/**
 * The preprocessing that a Hugging Face `preprocessor_config.json` describes (image processors of ViT, DeiT, BEiT, CLIP,
 * SigLIP, DINOv2, ConvNeXt, LeViT, ResNet, Swin, MobileNet, EfficientNet and alike; timm's wrapper too). Where the file is
 * silent, the defaults of the processor that it names hold; scale 1/255 and crop corners rounded down always do.
 *
 * @throws FeaturesError INVALID_OPTION; UNSUPPORTED naming the key, or the processor, that has no counterpart here
 */
export function huggingFacePreprocessing(config: unknown): ImagePreprocessing {
  const given = asConfig(config);
  if ('pretrained_cfg' in given) return timmPreprocessing(given);
  const source = sourceOf(
    typeof given.image_processor === 'object' ? asConfig(given.image_processor) : given,
  );
  const { config: keys, name, family } = source;

  const normalize = keys.do_normalize ?? (family ? name !== 'MobileViT' : 'image_mean' in keys);
  const std = normalize ? perChannel(keys.image_std, 'image_std') : [1, 1, 1];
  return parseImagePreprocessing({
    version: 1,
    orientation: 'ignore',
    color: (keys.do_flip_channel_order ?? name === 'MobileViT') ? 'bgr' : 'rgb',
    ...geometryOf(source),
    filter: filterOf(source),
    scale: (keys.do_rescale ?? true) ? numberOf(keys.rescale_factor ?? 1 / 255, 'rescale_factor') : 1,
    mean: normalize ? perChannel(keys.image_mean, 'image_mean') : [0, 0, 0],
    // EfficientNet's processor divides by the deviation twice unless told otherwise.
    std: name === 'EfficientNet' && keys.include_top !== false ? std.map(value => value * value) : std,
    layout: 'NCHW',
    dtype: 'float32',
  });
}

function sourceOf(given: Config): Source {
  const config = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null));
  for (const [key, value] of Object.entries(config))
    if (!known.has(key) && value !== false) throw unsupported(key, value);
  const type = config.image_processor_type ?? config.feature_extractor_type;
  if (type !== undefined && typeof type !== 'string') throw unsupported('image_processor_type', type);
  if (type === undefined) return { config, name: '', family: undefined };
  const name = familyName(type);
  const family = familyOf(name);
  if (family) return { config, name, family };
  throw new FeaturesError('UNSUPPORTED', {
    where: 'preprocessor_config.json: image_processor_type',
    expected: `an image processor of ${familyNames.join(', ')}`,
    got: JSON.stringify(type),
    advice: 'write the preprocessing by hand',
    details: { key: 'image_processor_type', value: type },
  });
}

interface Geometry {
  readonly resize: Resize;
  readonly crop: CenterCrop | null;
}

function geometryOf(source: Source): Geometry {
  const { config, name, family } = source;
  if (name === 'ConvNext') return convNextGeometry(config);
  if (name !== 'PoolFormer' && config.crop_pct !== undefined) throw unsupported('crop_pct', config.crop_pct);
  const crops =
    config.do_center_crop ?? (family?.crop === undefined ? 'crop_size' in config : family.crop !== null);
  const resize: Resize = config.do_resize === false ? { kind: 'none' } : resizeOf(source, Boolean(crops));
  return { resize: enlarged(resize, source), crop: crops ? cropOf(source) : null };
}

/** Some processors scale to more than the size that the file gives, so that the crop leaves a margin out. */
function enlarged(resize: Resize, { config, name }: Source): Resize {
  if (name === 'Levit' && resize.kind === 'shorter-side')
    return { ...resize, size: Math.trunc((256 / 224) * resize.size) };
  if (name !== 'PoolFormer' || resize.kind === 'none') return resize;
  const share = numberOf(config.crop_pct ?? 0.9, 'crop_pct');
  if (resize.kind === 'exact' && resize.width !== resize.height) throw unsupported('size', config.size);
  const side = resize.kind === 'exact' ? resize.width : resize.size;
  return { kind: 'shorter-side', size: Math.trunc(side / share), rounding: 'truncate' };
}

function cropOf({ config, family }: Source): CenterCrop {
  const size = config.crop_size ?? family?.crop ?? config.size;
  return { ...sides(size, 'crop_size'), rounding: 'floor' };
}

/** What a bare number means depends on the processor; without a name only that nothing is cropped tells. */
function resizeOf({ config, family }: Source, crops: boolean): Resize {
  const { size } = config;
  if (typeof size === 'number') {
    const bareSize = family?.bareSize ?? (crops ? undefined : 'square');
    if (bareSize === undefined)
      throw new FeaturesError('UNSUPPORTED', {
        where: 'preprocessor_config.json: size',
        expected:
          '{ "shortest_edge": … } or { "height": …, "width": … } in a file without image_processor_type',
        got: `${size}`,
        advice: 'add either',
        details: { key: 'size', value: size },
      });
    return bareSize === 'shorter-side'
      ? { kind: 'shorter-side', size, rounding: 'truncate' }
      : { kind: 'exact', width: size, height: size };
  }
  if (typeof size === 'object') {
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
  const share = numberOf(config.crop_pct ?? 224 / 256, 'crop_pct');
  return {
    resize: { kind: 'shorter-side', size: Math.trunc(edge / share), rounding: 'truncate' },
    crop: { width: edge, height: edge, rounding: 'floor' },
  };
}

function filterOf({ config, family }: Source): ResizeFilter {
  const value = config.resample ?? config.interpolation ?? family?.filter;
  const found = typeof value === 'number' ? filters[value] : filters.find(name => name === value);
  if (found) return found;
  if (value === undefined && config.do_resize === false) return 'bilinear';
  throw unsupported('resample', value);
}

/** `[height, width]`, `{ height, width }`, or one number for both. */
function sides(value: unknown, key: string): { width: number; height: number } {
  if (typeof value === 'number') return { width: value, height: value };
  if (Array.isArray(value) && value.length === 2) return { width: value[1], height: value[0] };
  const { width, height, shortest_edge: edge } = (value ?? {}) as Record<string, unknown>;
  if (typeof width === 'number' && typeof height === 'number') return { width, height };
  if (typeof edge === 'number') return { width: edge, height: edge };
  throw unsupported(key, value);
}

function perChannel(value: unknown, key: string): readonly number[] {
  if (typeof value === 'number') return [value, value, value];
  if (Array.isArray(value) && value.length === 3 && value.every(Number.isFinite)) return value;
  throw unsupported(key, value);
}

function numberOf(value: unknown, key: string): number {
  if (typeof value === 'number' && value > 0) return value;
  throw unsupported(key, value);
}

function asConfig(config: unknown): Config {
  if (typeof config === 'object' && config !== null && !Array.isArray(config)) return config as Config;
  throw new FeaturesError('INVALID_OPTION', {
    where: 'preprocessor_config.json',
    expected: 'a JSON object',
    got: Array.isArray(config) ? 'a list' : typeof config,
    advice: 'pass the parsed file',
  });
}

function unsupported(key: string, value: unknown): FeaturesError {
  return new FeaturesError('UNSUPPORTED', {
    where: `preprocessor_config.json: ${key}`,
    expected: 'resizing, center crop and normalization as image classifiers use them',
    got: JSON.stringify(value) ?? 'nothing',
    advice: 'write the preprocessing by hand',
    details: { key, value },
  });
}
