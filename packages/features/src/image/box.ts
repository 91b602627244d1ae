import { FeaturesError } from '../errors.ts';
import { roundHalfEven } from '../preprocessing/geometry.ts';
import type { BoxCrop } from '../preprocessing/image-preprocessing.ts';
import type { PixelImage } from './pixel-image.ts';

/**
 * A part of an image in its pixels, as they are after orientation: from `(x1, y1)`, the upper left corner, to `(x2, y2)`, where
 * pixel `i` covers `[i, i + 1)`. Fractions are allowed.
 */
export interface Box {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

/**
 * The pixels of a box: widened by `margin`, made square where asked for, clipped to the image, and rounded to whole pixels,
 * halves to even (as `Image.crop` of Pillow rounds).
 *
 * @throws FeaturesError BOX_INVALID for corners that are not finite or not in order, and where no whole pixel is left;
 *   BOX_OUTSIDE where no part of the box itself is in the image
 */
export function cropBox(
  image: PixelImage,
  box: Box,
  { margin, square }: BoxCrop = { margin: 0, square: false },
): PixelImage {
  requireBox(box);
  const { x1, y1, x2, y2 } = box;
  if (x1 >= image.width || y1 >= image.height || x2 <= 0 || y2 <= 0)
    throw new FeaturesError('BOX_OUTSIDE', {
      where: 'box',
      expected: `a part of the image of ${image.width}×${image.height} pixels`,
      got: shown(box),
      advice:
        'check that box and image belong together, and whether the box is of the image turned by its EXIF orientation',
      details: { box, width: image.width, height: image.height },
    });
  const wide = (1 + 2 * margin) * (x2 - x1);
  const high = (1 + 2 * margin) * (y2 - y1);
  const [left, right] = span([x1, x2], square ? Math.max(wide, high) : wide, image.width);
  const [top, bottom] = span([y1, y2], square ? Math.max(wide, high) : high, image.height);
  if (right > left && bottom > top) return cut(image, { left, top, right, bottom });
  throw new FeaturesError('BOX_INVALID', {
    where: 'box',
    expected: 'at least a pixel of the image',
    got: shown(box),
    advice: 'leave such boxes out',
    details: { box },
  });
}

function requireBox(box: Box): void {
  const { x1, y1, x2, y2 } = Object(box) as Box;
  const finite = [x1, y1, x2, y2].every(Number.isFinite);
  if (finite && x2 > x1 && y2 > y1) return;
  throw new FeaturesError('BOX_INVALID', {
    where: 'box',
    expected: finite ? 'x1 < x2 and y1 < y2' : 'four finite numbers x1, y1, x2, y2',
    got: shown({ x1, y1, x2, y2 }),
    advice: finite
      ? 'give the upper left corner, then the lower right one, not a width and height'
      : 'leave such boxes out',
    details: { box },
  });
}

/** A run of pixels of this length around the middle of another, within the image. */
function span([start, end]: readonly [number, number], length: number, side: number): [number, number] {
  // Without a margin the corners themselves: a middle would round their last digits.
  const [low, high] =
    length === end - start ? [start, end] : [(start + end) / 2 - length / 2, (start + end) / 2 + length / 2];
  return [roundHalfEven(Math.max(0, low)), roundHalfEven(Math.min(side, high))];
}

interface Rectangle {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

function cut(image: PixelImage, { left, top, right, bottom }: Rectangle): PixelImage {
  const [width, height] = [right - left, bottom - top];
  if (width === image.width && height === image.height) return image;
  const { channels } = image;
  const data = new Uint8Array(width * height * channels);
  for (let y = 0; y < height; y++) {
    const start = ((top + y) * image.width + left) * channels;
    data.set(image.data.subarray(start, start + width * channels), y * width * channels);
  }
  return { width, height, channels, data };
}

function shown({ x1, y1, x2, y2 }: Box): string {
  return `[${x1}, ${y1}, ${x2}, ${y2}]`;
}
