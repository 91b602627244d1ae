import { createCanvas } from '@napi-rs/canvas';
import { side } from './raster.ts';

/** A PNG of `images` in rows of `columns`, `zoom` times enlarged, optionally captioned per row. */
export function contactSheet(
  images: readonly (Uint8Array | undefined)[],
  {
    columns = 40,
    zoom = 1,
    captions,
  }: { columns?: number; zoom?: number; captions?: readonly string[] } = {},
): Buffer {
  const cell = side * zoom + 2;
  const left = captions ? 190 : 0;
  const canvas = createCanvas(left + columns * cell, Math.ceil(images.length / columns) * cell);
  const context = canvas.getContext('2d');
  context.fillStyle = '#345';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.fillStyle = '#fff';
  context.font = '13px sans-serif';
  captions?.forEach((caption, row) => {
    context.fillText(caption, 4, row * cell + cell / 2 + 4);
  });
  images.forEach((pixels, i) => {
    if (!pixels) return;
    const tile = createCanvas(side, side);
    const data = tile.getContext('2d').createImageData(side, side);
    for (const [p, v] of pixels.entries()) data.data.set([v, v, v, 255], 4 * p);
    tile.getContext('2d').putImageData(data, 0, 0);
    context.imageSmoothingEnabled = false;
    const x = left + (i % columns) * cell;
    context.drawImage(tile, x, Math.floor(i / columns) * cell, side * zoom, side * zoom);
  });
  return canvas.toBuffer('image/png');
}
