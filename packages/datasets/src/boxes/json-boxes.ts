import type { ByteSource } from '../bytes/byte-source.ts';
import { unreadable } from '../errors.ts';
import type { FoundBox } from './box-list.ts';
import { boxFromCorners, boxFromSize, COORDINATES, coordinatesAmong, plainName } from './coordinates.ts';
import { IMAGE_NAMES, LABEL_NAMES } from './csv-boxes.ts';

/** An object of JSON. */
export type JsonRecord = Readonly<Record<string, unknown>>;

export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A value of JSON with its place in the file. */
export interface Placed {
  readonly value: unknown;
  readonly place: string;
}

/** Boxes of objects `{ image, box }`: the box an array of corners, an object, or numbers beside the image; or COCO's `bbox`. */
export function jsonBoxes(source: ByteSource, records: readonly Placed[]): FoundBox[] {
  return records.map(({ value, place }) => {
    if (!isRecord(value)) throw corrupt(source, place, 'an object of an image and a box', value);
    const image = one(source, place, value, IMAGE_NAMES);
    if (typeof image !== 'string' || image === '')
      throw corrupt(source, place, `the path of an image (${IMAGE_NAMES.join(', ')})`, image);
    const label = one(source, place, value, LABEL_NAMES);
    if (!isWord(label)) throw corrupt(source, place, 'a label that is a name or a number', label);
    const id = value.id ?? undefined;
    if (!isWord(id) || id === '') throw corrupt(source, place, 'an id that is a text or a number', id);
    return {
      image,
      box: boxOf(source, place, value),
      id: id === undefined ? undefined : String(id),
      label: label === undefined ? undefined : String(label),
      place,
    };
  });
}

function boxOf(source: ByteSource, place: string, record: JsonRecord) {
  const found = [
    ...(Array.isArray(record.box) ? [() => boxFromCorners(four(source, place, record.box))] : []),
    ...(record.bbox === undefined ? [] : [() => boxFromSize(four(source, place, record.bbox))]),
    ...coordinatesIn(source, place, record),
    ...(isRecord(record.box) ? coordinatesIn(source, place, record.box) : []),
  ];
  if (found.length === 1) return found[0]!();
  throw corrupt(
    source,
    place,
    `a box, in one way: box: [x1, y1, x2, y2], bbox: [x, y, width, height], or ${COORDINATES}`,
    found.length === 0 ? Object.keys(record).join(', ') : 'several',
  );
}

function coordinatesIn(source: ByteSource, place: string, record: JsonRecord) {
  return coordinatesAmong(Object.keys(record)).map(
    ({ names, box }) =>
      () =>
        box(names.map(name => numberOf(source, place, record[name]))),
  );
}

/** The four numbers of an array. */
export function four(source: ByteSource, place: string, value: unknown): number[] {
  if (Array.isArray(value) && value.length === 4) return value.map(entry => numberOf(source, place, entry));
  throw corrupt(source, place, 'four numbers of a box', value);
}

/** A number; NaN for `null`, as which JSON writes it: that box is refused, not the file. */
function numberOf(source: ByteSource, place: string, value: unknown): number {
  if (value === null) return Number.NaN;
  if (typeof value === 'number') return value;
  throw corrupt(source, place, 'numbers of a box', value);
}

function one(source: ByteSource, place: string, record: JsonRecord, names: readonly string[]): unknown {
  const keys = Object.keys(record).filter(key => names.includes(plainName(key)));
  if (keys.length <= 1) return record[keys[0] ?? ''] ?? undefined;
  throw corrupt(source, place, `one of ${names.join(', ')}`, keys.join(', '));
}

function isWord(value: unknown): value is string | number | undefined {
  return ['string', 'number', 'undefined'].includes(typeof value);
}

export function corrupt(source: ByteSource, place: string, expected: string, got: unknown) {
  return unreadable('CORRUPT_FILE', source, {
    expected: `${expected} at ${place}`,
    got: typeof got === 'string' ? got.slice(0, 120) : (JSON.stringify(got) ?? 'none').slice(0, 120),
    advice: 'see the guide of detections for the files of boxes that are read',
  });
}
