import type { ResizeFilter } from './image-preprocessing.ts';

/** What an image processor of Hugging Face's transformers does where its file is silent. */
export interface ProcessorFamily {
  /** What a bare number as size means. */
  readonly bareSize: 'square' | 'shorter-side';
  /** `null` where it differs between versions of the library: the file has to say. */
  readonly filter: ResizeFilter | null;
  /** Side of the center crop; `null`: no crop; absent: a crop where the file has a `crop_size`. */
  readonly crop?: number | null;
}

const square = (filter: ResizeFilter | null, crop: number | null = null): ProcessorFamily => ({
  bareSize: 'square',
  filter,
  crop,
});
const shorterSide = (filter: ResizeFilter, crop: number | null = 224): ProcessorFamily => ({
  bareSize: 'shorter-side',
  filter,
  crop,
});

/** The processors of image classifiers and embedders whose steps have a counterpart here, as of transformers 4.57 and 5.18. */
const families: Readonly<Record<string, ProcessorFamily>> = {
  Beit: { bareSize: 'square', filter: 'bicubic' },
  Bit: shorterSide('bicubic'),
  Blip: square('bicubic'),
  CLIP: shorterSide('bicubic'),
  ChineseCLIP: shorterSide('bicubic'),
  ConvNext: shorterSide('bilinear', null),
  DINOv3ViT: square('bilinear'),
  DeiT: square('bicubic', 224),
  EfficientNet: square(null),
  Flava: square('bicubic', 224),
  Levit: shorterSide('bicubic'),
  MobileNetV1: shorterSide('bilinear'),
  MobileNetV2: shorterSide('bilinear'),
  MobileViT: shorterSide('bilinear', 256),
  PoolFormer: shorterSide('bicubic'),
  Pvt: square('bilinear'),
  Segformer: square('bilinear'),
  Siglip: square('bicubic'),
  ViT: square('bilinear'),
  ViTHybrid: shorterSide('bicubic'),
};

export const familyNames = Object.keys(families);

/** The family of an `image_processor_type` such as `ViTImageProcessorFast`: its name without what all names end in. */
export function familyName(type: string): string {
  return type.replace(/(ImageProcessor|FeatureExtractor)(Fast|Pil)?$/, '');
}

export function familyOf(name: string): ProcessorFamily | undefined {
  return Object.hasOwn(families, name) ? families[name] : undefined;
}
