import type { NamedArrays } from '../contract/arrays.ts';

/** A copy of arrays, into an earlier copy where there is one. */
export function copyOf(arrays: NamedArrays, into?: NamedArrays): NamedArrays {
  if (!into) {
    return Object.fromEntries(
      Object.entries(arrays).map(([name, { shape, data }]) => [name, { shape, data: data.slice() }]),
    );
  }
  for (const name in arrays) into[name]!.data.set(arrays[name]!.data);
  return into;
}

/** start + share · (end − start), into `end`. */
export function between(start: NamedArrays, end: NamedArrays, share: number): NamedArrays {
  for (const name in end) {
    const { data } = end[name]!;
    const from = start[name]!.data;
    for (let i = 0; i < data.length; i++) data[i] = from[i]! + share * (data[i]! - from[i]!);
  }
  return end;
}
