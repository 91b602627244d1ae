/** Element type of features and logits on disk. */
export type StoredElement = 'float32' | 'float16';

/** What decides the columns of a store: `id`, `index`, `label`, `features [dim]` and, with classes, `logits [classes]`. */
export interface StoreLayout {
  readonly dim: number;
  readonly classes?: number | undefined;
  readonly element: StoredElement;
}

export function isLayout({ dim, classes, element }: StoreLayout): boolean {
  const isLength = (value: unknown) => Number.isInteger(value) && (value as number) > 0;
  return (
    isLength(dim) &&
    (classes === undefined || isLength(classes)) &&
    (element === 'float32' || element === 'float16')
  );
}

/** The bytes of one column buffer, in parts that are written one after the other. */
export type BufferParts = readonly Uint8Array[];

export interface FieldNodeSize {
  readonly length: number;
  readonly nulls: number;
}

export interface BufferRegion {
  readonly offset: number;
  readonly length: number;
}

/** Buffers start at multiples of this, relative to the body and in the file, so that readers can map them. */
export const ALIGNMENT = 64;

export function aligned(length: number): number {
  return Math.ceil(length / ALIGNMENT) * ALIGNMENT;
}

export const MAGIC = new TextEncoder().encode('ARROW1');
/** Marks a message, before its length; followed by length 0 it ends the stream. */
export const CONTINUATION = 0xffffffff;
