import { type ByteSource, type BytesInput, openBytes } from '../bytes/byte-source.ts';
import { DatasetError, unreadable } from '../errors.ts';
import { type BoxList, boxListOf } from './box-list.ts';
import { cocoBoxes, cocoImages, cocoResults, type ImageNames, isCoco, isCocoResult } from './coco-boxes.ts';
import { csvBoxes } from './csv-boxes.ts';
import { jsonBoxes, type Placed } from './json-boxes.ts';

/** Largest JSON that is read: about what one text of JavaScript holds. */
const MOST_JSON = 500 * 2 ** 20;

export interface ReadBoxesOptions {
  /** A COCO file whose `images` say what the `image_id` of detection results mean. */
  readonly images?: BytesInput;
}

/**
 * Boxes of objects in images, from a file that a detector or an annotator wrote, told by its structure:
 *
 * | file | read |
 * |---|---|
 * | CSV with a header | `image`; `x1,y1,x2,y2` or `x,y,width,height` or `cx,cy,width,height`; `label` and `id` if they are there |
 * | JSON array, or JSON lines | objects `{ image, box: [x1, y1, x2, y2] \| { … } }`, or `bbox: [x, y, width, height]`; `label`, `id` |
 * | COCO instances | `images`, `annotations`, `categories`; crowds are left out and counted |
 * | COCO results | `image_id`, `bbox`, `category_id`, with `images` of a COCO file |
 *
 * Coordinates are pixels. What is no box (NaN, corners in the wrong order) is read all the same, and refused when it is cut.
 *
 * @throws DatasetError `CORRUPT_FILE`, `INVALID_VALUE`, `EMPTY_INPUT`, `TOO_LARGE` naming line or entry; CoreError of the file system
 */
export async function readBoxes(input: BytesInput, options: ReadBoxesOptions = {}): Promise<BoxList> {
  const source = await openBytes(input);
  const start = new TextDecoder().decode(await source.read(0, Math.min(source.size, 1024)));
  const first = start.replace(/^\uFEFF/, '').trimStart()[0];
  if (first !== '{' && first !== '[') return boxListOf(source, await csvBoxes(source));
  const document = await readJson(source);
  if (isCoco(document)) return cocoBoxes(source, document);
  const records: Placed[] = (Array.isArray(document) ? document : [document]).map((value, i) => ({
    value,
    place: `entry ${i}`,
  }));
  if (!isCocoResult(records[0]?.value)) return boxListOf(source, jsonBoxes(source, records));
  return boxListOf(source, cocoResults(source, records, await imageNames(source, options.images)));
}

async function imageNames(results: ByteSource, images: BytesInput | undefined): Promise<ImageNames> {
  if (images === undefined)
    throw new DatasetError('INVALID_OPTION', {
      where: results.name,
      expected: 'the COCO file whose images these results are of, since they name images by numbers',
      got: 'none',
      advice: 'give the option images (--box-images)',
    });
  const source = await openBytes(images);
  return cocoImages(source, await readJson(source));
}

/** One value of JSON, or an array of the values of its lines. */
async function readJson(source: ByteSource): Promise<unknown> {
  if (source.size > MOST_JSON)
    throw unreadable('TOO_LARGE', source, {
      expected: `at most ${MOST_JSON} bytes of JSON`,
      got: `${source.size}`,
      advice: 'split it, or write CSV, which is read line by line',
    });
  const text = new TextDecoder().decode(await source.read(0, source.size));
  const whole = parsed(text);
  if (whole !== undefined) return whole.value;
  const lines = text.replace(/^\uFEFF/, '').split('\n');
  return lines.flatMap((line, i) => {
    if (line.trim() === '') return [];
    const one = parsed(line);
    if (one !== undefined) return [one.value];
    throw unreadable('CORRUPT_FILE', source, {
      expected: i === 0 ? 'JSON, or a JSON value a line' : `JSON in line ${i + 1}`,
      got: JSON.stringify(line.slice(0, 80)),
    });
  });
}

function parsed(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}
