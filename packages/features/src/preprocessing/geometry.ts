import type { CornerRounding, ImagePreprocessing, Resize } from './image-preprocessing.ts';

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Size of an image after `resize`. Never below one pixel. */
export function resizedSize({ width, height }: Size, resize: Resize): Size {
  switch (resize.kind) {
    case 'none':
      return { width, height };
    case 'exact':
      return { width: resize.width, height: resize.height };
    case 'shorter-side': {
      const exact = (resize.size * Math.max(width, height)) / Math.min(width, height);
      const long = resize.rounding === 'truncate' ? Math.trunc(exact) : roundHalfEven(exact);
      return width <= height ? { width: resize.size, height: long } : { width: long, height: resize.size };
    }
  }
}

/** First pixel of a centerd run of `size` in `side`; negative where the side is shorter and has to be padded. */
export function centerCorner(side: number, size: number, rounding: CornerRounding): number {
  const exact = (side - size) / 2;
  if (rounding === 'floor') return Math.floor(exact);
  return side < size ? Math.ceil(exact) : roundHalfEven(exact);
}

/** Size of the prepared image, or `null` where it depends on the image. */
export function outputSize({ crop, resize }: Pick<ImagePreprocessing, 'crop' | 'resize'>): Size | null {
  if (crop) return { width: crop.width, height: crop.height };
  return resize.kind === 'exact' ? { width: resize.width, height: resize.height } : null;
}

/** To the nearest whole number, halves to the even one: Python's `round`. */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
