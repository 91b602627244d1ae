import { isAbsolute, relative, resolve } from 'node:path';
import { printable } from '@ood/core';
import { type BoxList, boxSamples, type ImageSamples, readBoxes, type Samples } from '@ood/datasets';
import { type BoxCrop, kindOf, type Preprocessing } from '@ood/features';
import type { Guard } from '@ood/guard';
import { type Io, requireFile } from '@ood/terminal';
import { CliError } from '../../errors.ts';
import type { BoxCropFlags, BoxFlags } from '../options.ts';

/** The boxes in the file that `--boxes` names. @throws DatasetError, CoreError */
export async function openBoxes(
  { boxes, boxImages }: BoxFlags & { boxes: string },
  io: Io,
): Promise<BoxList> {
  const path = await requireFile(boxes, io, 'boxes: CSV, JSON, or COCO');
  const images =
    boxImages === undefined ? undefined : await requireFile(boxImages, io, 'a COCO file of images');
  const list = await readBoxes(path, images === undefined ? {} : { images });
  if (list.crowds > 0) io.stderr.write(`note: ${list.crowds} crowds of ${printable(boxes)} are left out\n`);
  return list;
}

/**
 * Boxes on the images of a source, one sample each. An image is told by its path in the source, or from here.
 *
 * @throws DatasetError where none of the images is there
 */
export function boxesOn(
  images: Samples,
  list: BoxList,
  { word, io }: { readonly word: string; readonly io: Io },
): Samples & { readonly classes?: readonly string[] } {
  const root = resolve(io.cwd, word);
  const samples = boxSamples(images as ImageSamples, list, {
    idOf(image) {
      const path = relative(root, resolve(io.cwd, image)).replaceAll('\\', '/');
      const isInside = path !== '' && !path.startsWith('../') && !isAbsolute(path);
      return isInside ? path : image.replaceAll('\\', '/').replace(/^(\.\/)+/, '');
    },
  });
  if (samples.unused > 0)
    io.stderr.write(`note: ${samples.unused} images of ${printable(word)} have no box, and are not used\n`);
  if (samples.missing > 0)
    io.stderr.write(`note: ${samples.missing} boxes are of images that ${printable(word)} does not have\n`);
  return samples;
}

/** The preprocessing with what the command line says of boxes: it travels with features and guard. */
export function withBoxCrop(
  preprocessing: Preprocessing,
  { boxes, boxMargin, boxSquare }: BoxCropFlags & Pick<BoxFlags, 'boxes'>,
): Preprocessing {
  if (boxes === undefined) {
    if (boxMargin === undefined && boxSquare === undefined) return preprocessing;
    throw new CliError('INVALID_OPTION', {
      where: boxMargin === undefined ? '--box-square' : '--box-margin',
      expected: '--boxes, whose boxes it is about',
      got: 'none',
    });
  }
  requireImages(preprocessing, boxes);
  const before: BoxCrop = ('boxes' in preprocessing && preprocessing.boxes) || { margin: 0, square: false };
  return {
    ...preprocessing,
    boxes: { margin: boxMargin ?? before.margin, square: boxSquare ?? before.square },
  } as Preprocessing;
}

/** Says where a guard judges other parts of images than it was fitted on. */
export function noteBoxes(guard: Guard, given: boolean, io: Io): void {
  const { preprocessing } = guard.describe();
  if (preprocessing === null || kindOf(preprocessing) !== 'image') return;
  const fitted = 'boxes' in preprocessing && preprocessing.boxes !== undefined;
  if (fitted === given) return;
  io.stderr.write(
    given
      ? 'note: this guard was fitted on whole images, not on boxes: it may call every box OOD\n'
      : 'note: this guard was fitted on boxes of images: give --boxes, unless these images are such crops\n',
  );
}

function requireImages(preprocessing: Preprocessing, boxes: string): void {
  if (kindOf(preprocessing) === 'image') return;
  throw new CliError('INVALID_OPTION', {
    where: `--boxes ${boxes}`,
    expected: 'a preprocessing of images',
    got: `one of ${kindOf(preprocessing)}`,
  });
}
