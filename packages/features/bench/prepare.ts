import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeImage, imagePreparer, preset } from '../src/index.ts';

/**
 * Milliseconds per image for decoding and for preparing, one image at a time (`pnpm bench:prepare -- images/`);
 * beside `tooling/peers/extract_features.py none images/ --prepare-only`. Prints one JSON line.
 */
const folder = process.argv.slice(2).find(argument => argument !== '--');
if (!folder) throw new Error('usage: prepare.ts images/');
const names = (await readdir(folder, { recursive: true })).filter(name =>
  /\.(jpe?g|png|bmp|webp)$/i.test(name),
);
const bytes = await Promise.all(names.map(name => readFile(join(folder, name))));
const prepare = imagePreparer(preset('imagenet'));
const best = { decode: Number.POSITIVE_INFINITY, prepare: Number.POSITIVE_INFINITY };
for (let round = 0; round < 5; round++) {
  let start = performance.now();
  const images = [];
  for (const file of bytes) images.push(await decodeImage(file));
  best.decode = Math.min(best.decode, (performance.now() - start) / bytes.length);
  start = performance.now();
  for (const image of images) prepare(image);
  best.prepare = Math.min(best.prepare, (performance.now() - start) / bytes.length);
}
const round = (value: number) => Number(value.toFixed(3));
process.stdout.write(
  `${JSON.stringify({ images: bytes.length, ms_decode: round(best.decode), ms_resize_crop_normalise: round(best.prepare), ms_total: round(best.decode + best.prepare) })}\n`,
);
