import sharp from 'sharp';
import type { GrayImage } from '../benchmark.ts';

/** One row of images as a PNG data URI; images, at least one, are cropped or padded to the size of the first. */
export async function imageStrip(images: readonly GrayImage[]): Promise<string> {
  const { width, height } = images[0]!;
  const strip = new Uint8Array(width * images.length * height);
  images.forEach((image, index) => {
    for (let row = 0; row < Math.min(height, image.height); row++) {
      const pixels = image.data.subarray(row * image.width, row * image.width + Math.min(width, image.width));
      strip.set(pixels, (row * images.length + index) * width);
    }
  });
  const png = await sharp(strip, { raw: { width: width * images.length, height, channels: 1 } })
    .png({ compressionLevel: 9 })
    .toBuffer();
  return `data:image/png;base64,${png.toString('base64')}`;
}
