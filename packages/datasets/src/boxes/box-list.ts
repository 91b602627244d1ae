import type { ByteSource } from '../bytes/byte-source.ts';
import type { Box } from '../contract/sample.ts';
import { unreadable } from '../errors.ts';
import { encodeLabels } from '../sources/csv.ts';

/** A box of a list. */
export interface ListedBox {
  /** Image that the list names: a path, usually relative to a folder of images. */
  readonly image: string;
  readonly box: Box;
  /** The list's own id, else `image#n`: of COCO's annotations n is their id, else the number of the box among those of its image, from 0. */
  readonly id: string;
  readonly label?: number;
}

/** Boxes in the order of their file. */
export interface BoxList {
  readonly boxes: readonly ListedBox[];
  /** Names of the labels, where they were names. */
  readonly classes?: readonly string[];
  /** Crowds of COCO (`iscrowd`), which are no single objects. */
  readonly crowds: number;
}

/** A box as its reader found it. */
export interface FoundBox {
  readonly image: string;
  readonly box: Box;
  readonly id?: string | undefined;
  /** What follows `image#` in the id. */
  readonly number?: number | undefined;
  /** A name, or a number as text. */
  readonly label?: string | undefined;
  /** Where it is in the file, e.g. `line 3`. */
  readonly place: string;
}

export interface BoxListOptions {
  /** Names of the labels, which are numbers then. */
  readonly classes?: readonly string[];
  readonly crowds?: number;
}

/**
 * The list of what was found, with ids and labels.
 *
 * @throws DatasetError `EMPTY_INPUT`, `INVALID_VALUE` for an id that comes twice or boxes in shares of their images
 */
export function boxListOf(
  source: ByteSource,
  found: readonly FoundBox[],
  { classes, crowds = 0 }: BoxListOptions = {},
): BoxList {
  if (found.length === 0)
    throw unreadable('EMPTY_INPUT', source, { expected: 'at least one box', got: 'none' });
  requirePixels(source, found);
  const named = found.flatMap(({ label }) => (label === undefined ? [] : [label]));
  const { codes, classes: names } = encodeLabels(named);
  const perImage = new Map<string, number>();
  const places = new Map<string, string>();
  let labeled = 0;
  const boxes = found.map(({ image, box, id: own, number, label, place }): ListedBox => {
    const count = perImage.get(image) ?? 0;
    perImage.set(image, count + 1);
    const id = own ?? `${image}#${number ?? count}`;
    const before = places.get(id);
    if (before !== undefined)
      throw unreadable('INVALID_VALUE', source, {
        expected: `another id than that of ${before} at ${place}`,
        got: JSON.stringify(id.slice(0, 120)),
        advice: 'make ids unique, or leave them out: boxes are numbered then',
      });
    places.set(id, place);
    return { image, box, id, ...(label !== undefined && { label: codes[labeled++]! }) };
  });
  const known = classes ?? names;
  return { boxes, ...(known && { classes: known }), crowds };
}

/** In shares of width and height no box of pixels would be meant: each would be one pixel, in the corner. */
function requirePixels(source: ByteSource, found: readonly FoundBox[]): void {
  const values = (box: Box) => [box.x1, box.y1, box.x2, box.y2];
  if (!found.every(({ box }) => values(box).every(value => value >= 0 && value <= 1))) return;
  throw unreadable('INVALID_VALUE', source, {
    expected: 'boxes in pixels',
    got: 'none beyond 1: shares of width and height, it seems',
    advice: "multiply x by the image's width and y by its height",
  });
}
