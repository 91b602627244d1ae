import type { BytesSample, PixelsSample, SampleKey } from '../contract/sample.ts';
import { type IndexedSamples, indexedSamples, isIndexed, type Samples } from '../contract/samples.ts';
import { DatasetError } from '../errors.ts';
import type { BoxList, ListedBox } from './box-list.ts';

/** An image with a box. */
export type BoxSample = (BytesSample | PixelsSample) & Required<Pick<BytesSample, 'box'>>;

/** Boxes as samples, with what the list and the images have no partner for. */
export interface BoxSamples extends IndexedSamples<BoxSample> {
  readonly classes?: readonly string[];
  /** Boxes of images that are not there; reading one of them throws. */
  readonly missing: number;
  /** Images without a box. */
  readonly unused: number;
}

export interface BoxSamplesOptions {
  /** The id of an image that a list calls so. Default: its name, without `./` and with `/` for `\`. */
  readonly idOf?: (image: string) => string;
}

/**
 * One sample a box: the image with the box beside it, which whoever extracts features cuts out. Boxes are ordered by image, in
 * the order in which the list first names each, so that an image is read once for all of its boxes. `group` is the image:
 * splits do not tear its boxes apart.
 *
 * @throws DatasetError `UNSUPPORTED` for images that can only be read one after the other, `MISSING_IMAGE` where none of the list
 *   is there; reading: `FILE_NOT_FOUND`, and what the images throw
 */
export function boxSamples(
  images: Samples<BytesSample | PixelsSample>,
  list: BoxList,
  { idOf = plainPath }: BoxSamplesOptions = {},
): BoxSamples {
  if (!isIndexed(images))
    throw new DatasetError('UNSUPPORTED', {
      where: 'boxSamples',
      expected: 'images that can be read in any order: a folder, a tar or a zip',
      got: 'a stream of them',
      advice: 'unpack the archive',
    });
  const ids = Array.from({ length: images.length }, (_, index) => images.key(index).id);
  const positions = new Map(ids.map((id, index) => [id, index]));
  const imageOf = (name: string) => (positions.has(name) ? name : idOf(name));
  const byImage = new Map<string, ListedBox[]>();
  for (const listed of list.boxes) {
    const image = imageOf(listed.image);
    const before = byImage.get(image);
    if (before === undefined) byImage.set(image, [listed]);
    else before.push(listed);
  }
  const used = [...byImage.keys()].filter(image => positions.has(image));
  if (used.length === 0) throw noneThere(list.boxes[0]!.image, ids[0]);

  const ordered = [...byImage.values()].flat();
  const key = (index: number): SampleKey => {
    const { id, label, image } = ordered[index]!;
    return { id, ...(label !== undefined && { label }), group: imageOf(image) };
  };
  let last: { readonly position: number; readonly sample: Promise<BytesSample | PixelsSample> } | undefined;
  const read = async (index: number): Promise<BoxSample> => {
    const { image, box } = ordered[index]!;
    const position = positions.get(imageOf(image));
    if (position === undefined) throw notThere(image, ids[0]);
    if (last?.position !== position) last = { position, sample: images.read(position) };
    const { id: _id, label: _label, ...content } = await last.sample;
    return { ...content, ...key(index), box };
  };
  return {
    ...indexedSamples<BoxSample>({ length: ordered.length, key, read }),
    ...(list.classes && { classes: list.classes }),
    missing: ordered.filter(({ image }) => !positions.has(imageOf(image))).length,
    unused: ids.length - used.length,
  };
}

function plainPath(image: string): string {
  return image.replaceAll('\\', '/').replace(/^(\.\/)+/, '');
}

function noneThere(image: string, example: string | undefined): DatasetError {
  return new DatasetError('MISSING_IMAGE', {
    where: 'boxSamples',
    expected: `images that the boxes name, as ${JSON.stringify(image)}`,
    got: example === undefined ? 'none' : `others, as ${JSON.stringify(example)}`,
    advice: 'name images in the list by their paths relative to the folder',
  });
}

function notThere(image: string, example: string | undefined): DatasetError {
  return new DatasetError('FILE_NOT_FOUND', {
    where: image,
    expected: 'an image that is there',
    got: `no such image; others are called ${JSON.stringify(example ?? '')}`,
    advice: 'name images in the list by their paths relative to the folder',
  });
}
