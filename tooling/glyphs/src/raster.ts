import { createCanvas, Path2D } from '@napi-rs/canvas';
import type { Random } from './random.ts';
import type { Outline } from './types.ts';

/** Images are `side` × `side` pixels. */
export const side = 28;
const oversampling = 4;
/** Grey values are multiples of 17: sixteen levels compress well and look the same. */
const levelStep = 17;

export interface Placement {
  /** Length of the longer side of the ink's box, in pixels. */
  readonly size: number;
  /** Offset of the box's centre from the image's, in pixels. */
  readonly dx: number;
  readonly dy: number;
  /** Radians, clockwise. */
  readonly angle: number;
}

/** The placement without variation. */
export const plain: Placement = { size: 22, dx: 0, dy: 0, angle: 0 };

/** Size in 19–25 px, offset within ±1.5 px, angle ~ N(0, 4°) cut at ±9°. */
export function randomPlacement(random: Random): Placement {
  const degrees = Math.max(-9, Math.min(9, 4 * random.normal()));
  return {
    size: random.between(19, 25),
    dx: random.between(-1.5, 1.5),
    dy: random.between(-1.5, 1.5),
    angle: (degrees * Math.PI) / 180,
  };
}

const canvas = createCanvas(side * oversampling, side * oversampling);
const context = canvas.getContext('2d');

/** Bright ink on black, `[side * side]`, the brightest pixel stretched to 255. */
export function rasterise({ path, box, yUp }: Outline, { size, dx, dy, angle }: Placement): Uint8Array {
  const width = side * oversampling;
  const scale = (size * oversampling) / Math.max(box.maxX - box.minX, box.maxY - box.minY);
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.fillStyle = '#000';
  context.fillRect(0, 0, width, width);
  context.translate((side / 2 + dx) * oversampling, (side / 2 + dy) * oversampling);
  context.rotate(angle);
  context.scale(scale, yUp ? -scale : scale);
  context.translate(-(box.minX + box.maxX) / 2, -(box.minY + box.maxY) / 2);
  context.fillStyle = '#fff';
  context.fill(new Path2D(path));
  const rgba = context.getImageData(0, 0, width, width).data;
  const grey = new Float64Array(side * side);
  for (let y = 0; y < width; y++) {
    for (let x = 0; x < width; x++) {
      grey[Math.floor(y / oversampling) * side + Math.floor(x / oversampling)]! += rgba[4 * (y * width + x)]!;
    }
  }
  return quantise(stretch(grey));
}

function stretch(grey: Float64Array): Float64Array {
  const max = grey.reduce((a, b) => Math.max(a, b), 0);
  return max === 0 ? grey : grey.map(v => (255 * v) / max);
}

/** Rounds to the sixteen levels, clipping to [0, 255]. */
export function quantise(grey: ArrayLike<number>): Uint8Array {
  return Uint8Array.from(grey, v => levelStep * Math.round(Math.max(0, Math.min(255, v)) / levelStep));
}
