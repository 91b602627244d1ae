import { resolve } from 'node:path';
import type { BoxList } from '@ood/datasets';
import type { Box } from '@ood/features';
import type { GuardInput } from '@ood/guard';
import type { Io } from '@ood/terminal';
import { CliError } from '../../errors.ts';
import { openBoxes } from '../guard/boxes.ts';
import type { BoxFlags } from '../options.ts';

/** An image that is to be judged. */
export interface ImageInput {
  readonly name: string;
  read(): Promise<Uint8Array>;
}

interface BoxInput {
  readonly name: string;
  readonly box: Box;
  read(): Promise<GuardInput>;
}

/** Boxes with their ids, for each image of the command line. */
export type BoxesOfImages = ReadonlyMap<string, readonly { readonly id: string; readonly box: Box }[]>;

/**
 * The boxes that `--box` and `--boxes` name for each image; none without them. A list names an image by a path from here, or by
 * the end of one.
 *
 * @throws CliError for boxes of several images by `--box`, for an image without a box, and one that fits several
 */
export async function boxesOf(
  {
    images,
    boxes,
    box,
    ...flags
  }: BoxFlags & { readonly images: readonly string[]; readonly box?: readonly Box[] },
  io: Io,
): Promise<BoxesOfImages> {
  if (boxes !== undefined && box !== undefined) throw invalid('ood check', 'either --box or --boxes', 'both');
  if (box !== undefined) {
    const [image, ...others] = images;
    if (others.length > 0) throw invalid('--box', 'one image, which the boxes are on', `${images.length}`);
    return new Map([[image!, box.map((one, i) => ({ id: `${image}#${i}`, box: one }))]]);
  }
  if (boxes === undefined) return new Map();
  const list = await openBoxes({ ...flags, boxes }, io);
  return new Map(images.map(image => [image, ofImage(image, list, { boxes, io })]));
}

function ofImage(image: string, list: BoxList, { boxes, io }: { readonly boxes: string; readonly io: Io }) {
  const path = resolve(io.cwd, image);
  const names = [...new Set(list.boxes.map(listed => listed.image))];
  const same = names.filter(name => name === image || resolve(io.cwd, name) === path);
  const ends = names.filter(name => `/${plain(path)}`.endsWith(`/${plain(name)}`));
  const found = same.length > 0 ? same : ends;
  if (found.length > 1) throw invalid(`--boxes ${boxes}`, `one image that is ${image}`, found.join(', '));
  if (found.length === 0)
    throw invalid(`--boxes ${boxes}`, `boxes on ${image}`, `boxes on others, as ${names[0]}`);
  return list.boxes.filter(listed => listed.image === found[0]);
}

const plain = (path: string) => path.replaceAll('\\', '/').replace(/^(\.?\/)+/, '');

/** Each box as an input of its own; an image is read once. */
export function boxInputs(images: readonly ImageInput[], boxes: BoxesOfImages): BoxInput[] {
  return images.flatMap(({ name, read }) => {
    let bytes: Promise<Uint8Array> | undefined;
    const list = boxes.get(name) ?? [];
    return list.map(({ id, box }, i) => ({
      name: id,
      box,
      async read() {
        const image = await (bytes ??= read());
        if (i === list.length - 1) bytes = undefined;
        return { image, box };
      },
    }));
  });
}

function invalid(where: string, expected: string, got: string): CliError {
  return new CliError('INVALID_OPTION', { where, expected, got });
}
