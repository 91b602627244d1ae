import type { Rule } from '@ood/core';

/** What a JSON value must look like: a rule for it, or the shapes of its entries. */
export type Shape = Rule | { readonly [key: string]: Shape } | Alternatives | Optional | Entries;

interface Alternatives {
  readonly orNull: Shape;
}
interface Optional {
  readonly orAbsent: Shape;
}
interface Entries {
  readonly each: Shape;
}

/** The shape, or null. */
export const nullOr = (shape: Shape): Alternatives => ({ orNull: shape });
/** The shape, or nothing. */
export const optional = (shape: Shape): Optional => ({ orAbsent: shape });
/** A list whose entries have the shape. */
export const each = (shape: Shape): Entries => ({ each: shape });

/** Where a value is not of the shape. */
export interface Fault {
  /** Path of the part, e.g. `calibration.alpha`. */
  readonly path: string;
  readonly expected: string;
  readonly got: string;
}

/** The first part of a parsed JSON value that is not of the shape; entries that the shape does not name are not looked at. */
export function findFault(value: unknown, shape: Shape, path = ''): Fault | undefined {
  if (isRule(shape)) {
    const [holds, expected] = shape;
    return holds(value) ? undefined : { path, expected, got: shown(value) };
  }
  if (isAlternatives(shape)) return value === null ? undefined : findFault(value, shape.orNull, path);
  if (isOptional(shape)) return value === undefined ? undefined : findFault(value, shape.orAbsent, path);
  if (isEntries(shape)) {
    if (!Array.isArray(value)) return { path, expected: 'a list', got: shown(value) };
    return first(value, (entry, i) => findFault(entry, shape.each, `${path}[${i}]`));
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { path, expected: 'an object', got: shown(value) };
  return first(Object.entries(shape), ([key, inner]) =>
    findFault(
      Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined,
      inner,
      path === '' ? key : `${path}.${key}`,
    ),
  );
}

function first<T>(
  items: readonly T[],
  find: (item: T, index: number) => Fault | undefined,
): Fault | undefined {
  for (const [i, item] of items.entries()) {
    const fault = find(item, i);
    if (fault) return fault;
  }
  return undefined;
}

const isRule = (shape: Shape): shape is Rule => Array.isArray(shape);
const isAlternatives = (shape: Shape): shape is Alternatives => 'orNull' in shape;
const isOptional = (shape: Shape): shape is Optional => 'orAbsent' in shape;
const isEntries = (shape: Shape): shape is Entries => 'each' in shape;

function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
