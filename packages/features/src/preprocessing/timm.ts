import { FeaturesError } from '../errors.ts';
import type { ImagePreprocessing, Resize, ResizeFilter } from './image-preprocessing.ts';
import { parseImagePreprocessing } from './parse-image.ts';

interface TimmConfig {
  readonly input_size?: readonly [number, number, number];
  readonly interpolation?: string;
  readonly mean?: readonly number[];
  readonly std?: readonly number[];
  readonly crop_pct?: number;
  readonly crop_mode?: string;
}

const filters: Readonly<Record<string, ResizeFilter>> = {
  nearest: 'nearest',
  box: 'box',
  bilinear: 'bilinear',
  hamming: 'hamming',
  bicubic: 'bicubic',
  lanczos: 'lanczos',
  random: 'bilinear',
};

/** Without any of these it is some other file, for which timm's defaults would be a guess. */
const telling = ['input_size', 'interpolation', 'crop_pct', 'mean', 'std'] as const;

/**
 * The evaluation transform of a timm model, from its `config.json` (with `pretrained_cfg`) or the bare `pretrained_cfg` /
 * `resolve_data_config` dictionary: shorter side `floor(size / crop_pct)` (or warped with `crop_mode: 'squash'`), center
 * crop. Defaults as in timm: bicubic, crop_pct 0.875, ImageNet mean and std.
 *
 * @throws FeaturesError INVALID_OPTION; UNSUPPORTED for `crop_mode: 'border'`, other than 3 channels, other filters
 */
export function timmPreprocessing(config: unknown): ImagePreprocessing {
  if (typeof config !== 'object' || config === null || Array.isArray(config))
    throw new FeaturesError('INVALID_OPTION', {
      where: 'timm config',
      expected: 'a JSON object',
      got: typeof config,
      advice: 'pass the parsed config.json',
    });
  const outer = config as { pretrained_cfg?: unknown };
  const inner = outer.pretrained_cfg ?? outer;
  if (typeof inner !== 'object' || inner === null || Array.isArray(inner))
    throw unsupported('pretrained_cfg', inner);
  const cfg = inner as TimmConfig;
  if (!telling.some(key => key in cfg))
    throw new FeaturesError('INVALID_OPTION', {
      where: 'timm config',
      expected: `some of the keys ${telling.join(', ')}`,
      got: Object.keys(cfg).slice(0, 8).join(', ') || 'none',
      advice: "pass timm's config.json or its pretrained_cfg",
      details: { telling },
    });
  const size: unknown = cfg.input_size ?? [3, 224, 224];
  if (!isSize(size)) throw unsupported('input_size', size);
  const [, height, width] = size;
  const name: unknown = cfg.interpolation ?? 'bicubic';
  const filter = typeof name === 'string' && Object.hasOwn(filters, name) ? filters[name] : undefined;
  if (!filter) throw unsupported('interpolation', cfg.interpolation);
  return parseImagePreprocessing({
    version: 1,
    orientation: 'ignore',
    color: 'rgb',
    resize: resizeOf(cfg, width, height),
    filter,
    crop: { width, height, rounding: 'half-even' },
    scale: 1 / 255,
    mean: perChannel('mean', cfg.mean ?? [0.485, 0.456, 0.406]),
    std: perChannel('std', cfg.std ?? [0.229, 0.224, 0.225]),
    layout: 'NCHW',
    dtype: 'float32',
  });
}

function resizeOf(
  { crop_pct: share = 0.875, crop_mode: mode = 'center' }: TimmConfig,
  width: number,
  height: number,
): Resize {
  if (!(typeof share === 'number' && share > 0)) throw unsupported('crop_pct', share);
  const scaled = (side: number) => Math.floor(side / share);
  if (mode === 'squash') return { kind: 'exact', width: scaled(width), height: scaled(height) };
  if (mode !== 'center') throw unsupported('crop_mode', mode);
  if (width !== height) throw unsupported('input_size', [3, height, width]);
  return { kind: 'shorter-side', size: scaled(width), rounding: 'truncate' };
}

function perChannel(key: string, value: unknown): readonly number[] {
  if (Array.isArray(value) && value.length === 3 && value.every(Number.isFinite)) return value;
  throw unsupported(key, value);
}

function isSize(value: unknown): value is readonly [3, number, number] {
  return (
    Array.isArray(value) &&
    value.length === 3 &&
    value[0] === 3 &&
    value.every(side => Number.isInteger(side))
  );
}

function unsupported(key: string, value: unknown): FeaturesError {
  return new FeaturesError('UNSUPPORTED', {
    where: `timm config: ${key}`,
    expected: "a square RGB input with crop_mode 'center' or 'squash' and one of Pillow's filters",
    got: JSON.stringify(value),
    advice: 'write the preprocessing by hand',
    details: { key, value },
  });
}
