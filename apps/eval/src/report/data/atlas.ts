import sharp from 'sharp';
import type { FeatureSet, GrayImage } from '../../benchmark.ts';
import type { AtlasData } from './report-data.ts';
import type { SampleRow } from './samples.ts';

/** Largest side of a picture, and what all pictures may take in the page. */
const LARGEST_TILE = 48;
const MOST_BYTES = 1_500_000;
const MOST_TILES = 6000;
const COLUMNS = 64;

export interface Atlas {
  readonly data: AtlasData;
  /** Place of each sample's picture plus one, or 0. */
  readonly tiles: Uint32Array;
}

/**
 * Pictures of the samples in one WebP image, as far as their sets can draw them; those listed first are kept where there are too many.
 *
 * @param order places among the samples, the most wanted first
 */
export async function makeAtlas(
  samples: readonly SampleRow[],
  order: Iterable<number>,
  sets: readonly FeatureSet[],
): Promise<Atlas | null> {
  const wanted = [...new Set(order)].filter(place => sets[samples[place]!.set]!.image !== undefined);
  if (wanted.length === 0) return null;
  const draw = (place: number): GrayImage => sets[samples[place]!.set]!.image!(samples[place]!.row);
  const first = [...new Map(wanted.map(place => [samples[place]!.set, place])).values()].map(draw);
  const tile = Math.min(LARGEST_TILE, Math.max(...first.flatMap(({ width, height }) => [width, height])));
  for (let count = Math.min(wanted.length, MOST_TILES); ; count = Math.floor(count / 2)) {
    const kept = wanted.slice(0, count);
    const webp = await sheet(kept.map(draw), tile);
    if (webp.length > MOST_BYTES && count > COLUMNS) continue;
    const tiles = new Uint32Array(samples.length);
    kept.forEach((place, at) => {
      tiles[place] = at + 1;
    });
    const source = `data:image/webp;base64,${webp.toString('base64')}`;
    return { data: { source, tile, columns: COLUMNS, rows: Math.ceil(count / COLUMNS) }, tiles };
  }
}

async function sheet(images: readonly GrayImage[], tile: number): Promise<Buffer> {
  const channels = images.some(image => image.channels === 3) ? 3 : 1;
  const width = COLUMNS * tile;
  const height = Math.ceil(images.length / COLUMNS) * tile;
  const pixels = new Uint8Array(width * height * channels);
  for (const [at, image] of images.entries()) {
    const fitted = image.width > tile || image.height > tile ? await reduced(image, tile) : image;
    const left = (at % COLUMNS) * tile + ((tile - fitted.width) >> 1);
    const top = Math.floor(at / COLUMNS) * tile + ((tile - fitted.height) >> 1);
    copyInto({ pixels, width, channels }, fitted, left, top);
  }
  return sharp(pixels, { raw: { width, height, channels } }).webp({ quality: 82 }).toBuffer();
}

async function reduced({ width, height, channels = 1, data }: GrayImage, tile: number): Promise<GrayImage> {
  const { data: small, info } = await sharp(data, { raw: { width, height, channels } })
    .resize(tile, tile, { fit: 'inside' })
    .toColorspace(channels === 1 ? 'b-w' : 'srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, channels, data: small };
}

function copyInto(
  sheet: { pixels: Uint8Array; width: number; channels: 1 | 3 },
  { width, height, channels = 1, data }: GrayImage,
  left: number,
  top: number,
): void {
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < sheet.channels; c++)
        sheet.pixels[((top + y) * sheet.width + left + x) * sheet.channels + c] =
          data[(y * width + x) * channels + (channels === 1 ? 0 : c)]!;
}
