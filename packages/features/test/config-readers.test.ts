import { describe, expect, test } from 'vitest';
import { huggingFacePreprocessing, timmPreprocessing } from '../src/index.ts';

const imagenetMean = [0.485, 0.456, 0.406];
const imagenetStd = [0.229, 0.224, 0.225];
const half = [0.5, 0.5, 0.5];

const vit = {
  do_normalize: true,
  do_rescale: true,
  do_resize: true,
  image_mean: half,
  image_processor_type: 'ViTImageProcessor',
  image_std: half,
  resample: 2,
  rescale_factor: 0.00392156862745098,
  size: { height: 224, width: 224 },
};
const clip = {
  crop_size: { height: 224, width: 224 },
  do_center_crop: true,
  do_convert_rgb: true,
  do_normalize: true,
  do_rescale: true,
  do_resize: true,
  image_mean: [0.48145466, 0.4578275, 0.40821073],
  image_processor_type: 'CLIPImageProcessor',
  image_std: [0.26862954, 0.26130258, 0.27577711],
  resample: 3,
  rescale_factor: 0.00392156862745098,
  size: { shortest_edge: 224 },
};
const dino = {
  ...clip,
  image_processor_type: 'BitImageProcessor',
  image_mean: imagenetMean,
  image_std: imagenetStd,
  size: { shortest_edge: 256 },
};

describe('huggingFacePreprocessing', () => {
  test.each<[string, object, object]>([
    [
      'ViT',
      vit,
      {
        resize: { kind: 'exact', width: 224, height: 224 },
        crop: null,
        filter: 'bilinear',
        mean: half,
        std: half,
      },
    ],
    [
      'CLIP',
      clip,
      {
        resize: { kind: 'shorter-side', size: 224, rounding: 'truncate' },
        crop: { width: 224, height: 224, rounding: 'floor' },
        filter: 'bicubic',
        mean: clip.image_mean,
      },
    ],
    [
      'DINOv2',
      dino,
      { resize: { kind: 'shorter-side', size: 256, rounding: 'truncate' }, mean: imagenetMean },
    ],
    [
      'an old CLIP file with bare numbers',
      {
        crop_size: 224,
        do_center_crop: true,
        do_normalize: true,
        do_resize: true,
        feature_extractor_type: 'CLIPFeatureExtractor',
        image_mean: half,
        image_std: half,
        resample: 3,
        size: 224,
      },
      {
        resize: { kind: 'shorter-side', size: 224, rounding: 'truncate' },
        crop: { width: 224, height: 224, rounding: 'floor' },
        scale: 1 / 255,
      },
    ],
    [
      'an old ViT file with bare numbers',
      {
        do_normalize: true,
        do_resize: true,
        feature_extractor_type: 'ViTFeatureExtractor',
        image_mean: half,
        image_std: half,
        resample: 2,
        size: 384,
      },
      { resize: { kind: 'exact', width: 384, height: 384 }, crop: null },
    ],
    [
      'ConvNeXt at 224',
      {
        ...vit,
        image_processor_type: 'ConvNextImageProcessor',
        crop_pct: 0.875,
        size: { shortest_edge: 224 },
      },
      {
        resize: { kind: 'shorter-side', size: 256, rounding: 'truncate' },
        crop: { width: 224, height: 224, rounding: 'floor' },
      },
    ],
    [
      'ConvNeXt at 384',
      {
        ...vit,
        image_processor_type: 'ConvNextImageProcessor',
        crop_pct: null,
        size: { shortest_edge: 384 },
      },
      { resize: { kind: 'exact', width: 384, height: 384 }, crop: null },
    ],
    [
      'LeViT',
      { ...clip, image_processor_type: 'LevitImageProcessor' },
      { resize: { kind: 'shorter-side', size: 256, rounding: 'truncate' } },
    ],
    [
      'EfficientNet, which divides by the deviation twice',
      {
        ...vit,
        image_processor_type: 'EfficientNetImageProcessor',
        image_std: [0.5, 0.2, 0.1],
        include_top: true,
        rescale_offset: false,
      },
      { std: [0.25, expect.closeTo(0.04), expect.closeTo(0.01)] },
    ],
    [
      'MobileViT, in BGR and not normalised',
      {
        ...clip,
        image_processor_type: 'MobileViTImageProcessor',
        do_normalize: undefined,
        image_mean: undefined,
      },
      { color: 'bgr', mean: [0, 0, 0], std: [1, 1, 1] },
    ],
    [
      'without rescaling',
      { ...vit, do_rescale: false, image_mean: [127, 127, 127], image_std: [128, 128, 128] },
      { scale: 1, mean: [127, 127, 127] },
    ],
    [
      'without resizing',
      { ...clip, do_resize: false },
      { resize: { kind: 'none' }, crop: { width: 224, height: 224, rounding: 'floor' } },
    ],
    ['a switched-off padding', { ...vit, do_pad: false, size_divisor: null }, { crop: null }],
    [
      'what transformers 5 writes into processor_config.json',
      { image_processor: vit, processor_class: 'CLIPProcessor' },
      { resize: { kind: 'exact', width: 224, height: 224 } },
    ],
    [
      "timm's wrapper",
      {
        image_processor_type: 'TimmWrapperImageProcessor',
        pretrained_cfg: { input_size: [3, 224, 224], crop_pct: 1, interpolation: 'bicubic' },
      },
      { filter: 'bicubic' },
    ],
  ])('reads %s', (_, config, expected) => {
    const found = huggingFacePreprocessing(
      Object.fromEntries(Object.entries(config).filter(([, v]) => v !== undefined)),
    );
    expect(found).toMatchObject(expected);
    expect(found.orientation).toBe('ignore');
  });

  test.each<[string, unknown, string, RegExp]>([
    ['padding', { ...vit, do_pad: true }, 'UNSUPPORTED', /do_pad/],
    ['splitting', { ...vit, do_image_splitting: true }, 'UNSUPPORTED', /do_image_splitting/],
    ['a rescale offset', { ...vit, rescale_offset: true }, 'UNSUPPORTED', /rescale_offset/],
    ['a longest edge', { ...vit, size: { longest_edge: 980 } }, 'UNSUPPORTED', /size/],
    ['a crop share of another processor', { ...vit, crop_pct: 0.9 }, 'UNSUPPORTED', /crop_pct/],
    [
      'an unnamed filter of a processor whose versions differ',
      { ...vit, image_processor_type: 'EfficientNetImageProcessor', resample: undefined },
      'UNSUPPORTED',
      /resample/,
    ],
    [
      'a bare size before a crop, in a file that names no processor',
      { ...clip, image_processor_type: undefined, size: 256 },
      'UNSUPPORTED',
      /size: expected .*shortest_edge.* 256; add/,
    ],
    [
      'a processor that crops before it resizes',
      { ...vit, image_processor_type: 'PerceiverImageProcessor' },
      'UNSUPPORTED',
      /image_processor_type: expected .*CLIP.*PerceiverImageProcessor/,
    ],
    ['a kept aspect ratio', { ...vit, keep_aspect_ratio: true }, 'UNSUPPORTED', /keep_aspect_ratio/],
    [
      'a silent mean where the processor normalises',
      { ...vit, do_normalize: undefined, image_mean: undefined },
      'UNSUPPORTED',
      /image_mean/,
    ],
    [
      'the config.json of the model',
      { architectures: ['ViTForImageClassification'], image_size: 224 },
      'UNSUPPORTED',
      /architectures/,
    ],
    ['an unknown filter', { ...vit, resample: 9 }, 'UNSUPPORTED', /resample/],
    ['a deviation of zero', { ...vit, image_std: [0, 1, 1] }, 'INVALID_OPTION', /preprocessing\.std/],
    ['text', 'vit', 'INVALID_OPTION', /JSON object/],
  ])('refuses %s', (_, config, code, message) => {
    expect(() => huggingFacePreprocessing(config)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
  });
});

describe('timmPreprocessing', () => {
  const cfg = {
    input_size: [3, 288, 288],
    interpolation: 'bicubic',
    crop_pct: 0.95,
    crop_mode: 'center',
    mean: half,
    std: half,
  };
  test.each<[string, object, object]>([
    [
      'pretrained_cfg of config.json',
      { architecture: 'resnet50', num_classes: 1000, pretrained_cfg: cfg },
      {
        resize: { kind: 'shorter-side', size: 303, rounding: 'truncate' },
        crop: { width: 288, height: 288, rounding: 'half-even' },
        filter: 'bicubic',
        mean: half,
      },
    ],
    [
      'a bare configuration with defaults',
      { input_size: [3, 224, 224] },
      {
        resize: { kind: 'shorter-side', size: 256, rounding: 'truncate' },
        filter: 'bicubic',
        mean: imagenetMean,
        std: imagenetStd,
      },
    ],
    [
      'squash',
      { ...cfg, crop_mode: 'squash', crop_pct: 1 },
      { resize: { kind: 'exact', width: 288, height: 288 } },
    ],
  ])('reads %s', (_, config, expected) => {
    expect(timmPreprocessing(config)).toMatchObject(expected);
  });

  test.each<[string, object, RegExp]>([
    ['a border', { ...cfg, crop_mode: 'border' }, /crop_mode/],
    ['one channel', { ...cfg, input_size: [1, 28, 28] }, /input_size/],
    ['an oblong input', { ...cfg, input_size: [3, 224, 192] }, /input_size/],
    ['an unknown filter', { ...cfg, interpolation: 'area' }, /interpolation/],
  ])('refuses %s', (_, config, message) => {
    expect(() => timmPreprocessing(config)).toThrow(
      expect.objectContaining({ code: 'UNSUPPORTED', message: expect.stringMatching(message) }),
    );
  });

  test('refuses a file that says nothing of images', () => {
    expect(() => timmPreprocessing({ architectures: ['ViTForImageClassification'] })).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPTION',
        message: expect.stringMatching(/got architectures/),
      }),
    );
  });
});
