import { FeaturesError } from '../errors.ts';
import type { ImagePreprocessing } from './image-preprocessing.ts';
import { parseImagePreprocessing } from './parse-image.ts';

export type PresetName = 'imagenet' | 'imagenet-bicubic' | 'clip' | 'cifar' | 'mnist' | 'teachable-machine';

const imagenet: ImagePreprocessing = {
  version: 1,
  orientation: 'ignore',
  color: 'rgb',
  resize: { kind: 'shorter-side', size: 256, rounding: 'truncate' },
  filter: 'bilinear',
  crop: { width: 224, height: 224, rounding: 'half-even' },
  scale: 1 / 255,
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
  layout: 'NCHW',
  dtype: 'float32',
};

const presets: Record<PresetName, ImagePreprocessing> = {
  imagenet,
  'imagenet-bicubic': { ...imagenet, filter: 'bicubic' },
  clip: {
    ...imagenet,
    resize: { kind: 'shorter-side', size: 224, rounding: 'truncate' },
    filter: 'bicubic',
    mean: [0.48145466, 0.4578275, 0.40821073],
    std: [0.26862954, 0.26130258, 0.27577711],
  },
  cifar: {
    ...imagenet,
    resize: { kind: 'shorter-side', size: 32, rounding: 'truncate' },
    crop: { width: 32, height: 32, rounding: 'half-even' },
    mean: [0.4914, 0.4822, 0.4465],
    std: [0.247, 0.2435, 0.2616],
  },
  mnist: {
    ...imagenet,
    color: 'gray',
    resize: { kind: 'exact', width: 28, height: 28 },
    crop: null,
    mean: [0],
    std: [1],
  },
  'teachable-machine': {
    ...imagenet,
    resize: { kind: 'shorter-side', size: 224, rounding: 'truncate' },
    mean: [0.5, 0.5, 0.5],
    std: [0.5, 0.5, 0.5],
    layout: 'NHWC',
  },
};

/** The names of all presets, as `preset` takes them. */
export const presetNames = Object.keys(presets) as readonly PresetName[];

/**
 * A well-known preprocessing, with any part replaced.
 *
 * | name | resize → crop | mean / std |
 * |---|---|---|
 * | `imagenet` | shorter side 256, bilinear → 224 | ImageNet (torchvision's classification models) |
 * | `imagenet-bicubic` | shorter side 256, bicubic → 224 | ImageNet |
 * | `clip` | shorter side 224, bicubic → 224 | CLIP (Radford et al. 2021) |
 * | `cifar` | shorter side 32, bilinear → 32 | CIFAR-10 |
 * | `mnist` | 28×28 gray, bilinear | none: values in [0, 1] |
 * | `teachable-machine` | shorter side 224, bilinear → 224, channels last | values in [−1, 1] |
 *
 * @throws FeaturesError INVALID_OPTION for an unknown name or an invalid replacement
 */
export function preset(name: PresetName, overrides: Partial<ImagePreprocessing> = {}): ImagePreprocessing {
  if (!Object.hasOwn(presets, name))
    throw new FeaturesError('INVALID_OPTION', {
      where: 'preset',
      expected: `one of ${presetNames.join(', ')}`,
      got: JSON.stringify(name),
      advice: 'use one of these or give a full preprocessing',
      details: { name, presetNames },
    });
  return parseImagePreprocessing({ ...presets[name], ...overrides });
}
