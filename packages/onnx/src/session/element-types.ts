import { arrayClasses } from '@ood/core';
import type { ElementArrays, ElementType } from './session.ts';

const { bfloat16: _unread, ...numeric } = arrayClasses;

/** The array class that holds the elements of each type; strings are plain arrays. */
export const elementArrays = { ...numeric, string: Array } as const satisfies {
  [T in ElementType]: new (
    length: number,
  ) => ElementArrays[T];
};

export function isElementType(type: string): type is ElementType {
  return Object.hasOwn(elementArrays, type);
}
