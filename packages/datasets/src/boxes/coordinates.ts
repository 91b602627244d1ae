import type { Box } from '../contract/sample.ts';

/** How four numbers say a box: two corners; the upper left corner and the size; the center and the size. */
type Form = 'corners' | 'size' | 'center';

const FORMS: readonly (readonly [Form, readonly string[]])[] = [
  ['corners', ['x1', 'y1', 'x2', 'y2']],
  ['corners', ['xmin', 'ymin', 'xmax', 'ymax']],
  ['corners', ['left', 'top', 'right', 'bottom']],
  ['size', ['x', 'y', 'width', 'height']],
  ['size', ['x', 'y', 'w', 'h']],
  ['size', ['left', 'top', 'width', 'height']],
  ['center', ['cx', 'cy', 'width', 'height']],
  ['center', ['cx', 'cy', 'w', 'h']],
  ['center', ['xcenter', 'ycenter', 'width', 'height']],
];

/** What names a box, for errors. */
export const COORDINATES =
  'x1, y1, x2, y2 (or xmin …, left, top, right, bottom), x, y, width, height from the upper left corner, or cx, cy, width, height from the center';

/** The numbers of a box among named values. */
export interface Coordinates {
  /** Names of the four numbers as they are written. */
  readonly names: readonly [string, string, string, string];
  box(values: readonly number[]): Box;
}

/** A name without what writers differ in: case, spaces, `_` and `-`. */
export function plainName(name: string): string {
  return name.toLowerCase().replace(/[\s_-]/g, '');
}

/** Every set of names that could be the box: one is right, none or several are not. */
export function coordinatesAmong(names: readonly string[]): readonly Coordinates[] {
  const written = new Map(names.map(name => [plainName(name), name]));
  return FORMS.filter(([, wanted]) => wanted.every(name => written.has(name))).map(([form, wanted]) => ({
    names: wanted.map(name => written.get(name)!) as unknown as Coordinates['names'],
    box: values => boxFrom(form, values),
  }));
}

/** A box from the upper left corner and the size, as COCO has it. */
export function boxFromSize(values: readonly number[]): Box {
  return boxFrom('size', values);
}

/** A box from its corners. */
export function boxFromCorners(values: readonly number[]): Box {
  return boxFrom('corners', values);
}

function boxFrom(form: Form, [a, b, c, d]: readonly number[]): Box {
  const [x, y, p, q] = [a ?? Number.NaN, b ?? Number.NaN, c ?? Number.NaN, d ?? Number.NaN];
  if (form === 'corners') return { x1: x, y1: y, x2: p, y2: q };
  if (form === 'size') return { x1: x, y1: y, x2: x + p, y2: y + q };
  return { x1: x - p / 2, y1: y - q / 2, x2: x + p / 2, y2: y + q / 2 };
}
