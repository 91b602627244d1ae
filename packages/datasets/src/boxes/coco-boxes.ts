import type { ByteSource } from '../bytes/byte-source.ts';
import type { BoxList, FoundBox } from './box-list.ts';
import { boxListOf } from './box-list.ts';
import { boxFromSize } from './coordinates.ts';
import { corrupt, four, isRecord, type JsonRecord, type Placed } from './json-boxes.ts';

/** File names of images by their ids, from the `images` of a COCO file. */
export type ImageNames = ReadonlyMap<string, string>;

/** Whether a document is COCO's `instances`: images and annotations. */
export function isCoco(document: unknown): document is JsonRecord {
  return isRecord(document) && Array.isArray(document.images) && Array.isArray(document.annotations);
}

/** Whether a record is a result for COCO's evaluation: `{ image_id, category_id, bbox, score }`. */
export function isCocoResult(value: unknown): value is JsonRecord {
  return isRecord(value) && 'image_id' in value && 'bbox' in value;
}

/** @throws DatasetError `CORRUPT_FILE` */
export function cocoImages(source: ByteSource, document: unknown): ImageNames {
  if (!isRecord(document) || !Array.isArray(document.images))
    throw corrupt(
      source,
      'its beginning',
      'images of COCO: { "images": [{ id, file_name }, …] }',
      typeof document,
    );
  return new Map(
    document.images.map((image: unknown, i) => {
      const { id, file_name: name } = isRecord(image) ? image : {};
      if ((typeof id === 'number' || typeof id === 'string') && typeof name === 'string' && name !== '')
        return [String(id), name];
      throw corrupt(source, `images[${i}]`, 'an image { id, file_name }', image);
    }),
  );
}

/** Boxes of COCO's annotations; labels are positions among `categories`, by their ids. Crowds are counted, not listed. */
export function cocoBoxes(source: ByteSource, document: JsonRecord): BoxList {
  const images = cocoImages(source, document);
  const categories = categoriesOf(source, document.categories);
  const annotations = document.annotations as readonly unknown[];
  const single = annotations.flatMap((value, i): Placed[] =>
    isRecord(value) && value.iscrowd === 1 ? [] : [{ value, place: `annotations[${i}]` }],
  );
  const found = annotated(source, single, images).map(({ category, ...box }) => ({
    ...box,
    label: category === undefined ? undefined : labelOf(source, box.place, category, categories),
  }));
  const names = categories && [...categories.values()].map(({ name }) => name);
  return boxListOf(source, found, {
    crowds: annotations.length - single.length,
    ...(names && { classes: names }),
  });
}

/** Boxes of results; `category_id` is the label. */
export function cocoResults(source: ByteSource, records: readonly Placed[], images: ImageNames): FoundBox[] {
  return annotated(source, records, images).map(({ category, number: _, ...box }) => ({
    ...box,
    label: category === undefined ? undefined : String(category),
  }));
}

function annotated(source: ByteSource, records: readonly Placed[], images: ImageNames) {
  return records.map(({ value, place }) => {
    const record = isRecord(value) ? value : {};
    const image = images.get(String(record.image_id));
    if (image === undefined)
      throw corrupt(source, place, 'an image_id among images', record.image_id ?? 'none');
    const category = record.category_id ?? undefined;
    if (category !== undefined && !Number.isSafeInteger(category))
      throw corrupt(source, place, 'a category_id that is a whole number', category);
    return {
      image,
      box: boxFromSize(four(source, place, record.bbox)),
      number: Number.isSafeInteger(record.id) ? (record.id as number) : undefined,
      category: category as number | undefined,
      place,
    };
  });
}

type Categories = ReadonlyMap<number, { readonly name: string; readonly index: number }>;

function categoriesOf(source: ByteSource, value: unknown): Categories | undefined {
  if (value === undefined) return undefined;
  const categories = (Array.isArray(value) ? value : [undefined]).map((category: unknown, i) => {
    const { id, name } = isRecord(category) ? category : {};
    if (Number.isSafeInteger(id) && typeof name === 'string') return { id: id as number, name };
    throw corrupt(source, `categories[${i}]`, 'a category { id, name }', category);
  });
  const sorted = categories.sort((a, b) => a.id - b.id);
  return new Map(sorted.map(({ id, name }, index) => [id, { name, index }]));
}

function labelOf(source: ByteSource, place: string, category: number, categories: Categories | undefined) {
  if (categories === undefined) return String(category);
  const known = categories.get(category);
  if (known !== undefined) return String(known.index);
  throw corrupt(source, place, 'a category_id among categories', category);
}
