import { type Packed, unpack } from '../data/packed.ts';

const known = new Map<Packed, ArrayLike<number>>();

/** The numbers of a packed text, unpacked once. */
export function unpacked(packed: Packed): ArrayLike<number> {
  const numbers = known.get(packed) ?? unpack(packed);
  known.set(packed, numbers);
  return numbers;
}
