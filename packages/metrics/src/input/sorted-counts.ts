/** How many of the ascending values are below `value`. */
export function countBelow(sorted: ArrayLike<number>, value: number): number {
  return firstIndex(sorted, entry => entry >= value);
}

/** How many of the ascending values are at most `value`. */
export function countAtMost(sorted: ArrayLike<number>, value: number): number {
  return firstIndex(sorted, entry => entry > value);
}

/** Index of the first entry that fulfils a condition which, once true, stays true. */
export function firstIndex(sorted: ArrayLike<number>, reached: (entry: number) => boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (reached(sorted[middle]!)) high = middle;
    else low = middle + 1;
  }
  return low;
}
