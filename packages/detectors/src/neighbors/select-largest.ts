/**
 * Moves the `count` largest numbers to the front, the least of them to `count − 1`, and each `companion` along with its number
 * (Hoare's quickselect).
 */
export function selectLargest(
  values: Float32Array | Float64Array,
  count: number,
  companions?: Int32Array,
): void {
  let low = 0;
  let high = values.length - 1;
  const last = count - 1;
  while (low < high) {
    const pivot = values[(low + high) >> 1]!;
    let i = low;
    let j = high;
    while (i <= j) {
      while (values[i]! > pivot) i++;
      while (values[j]! < pivot) j--;
      if (i > j) break;
      const value = values[i]!;
      values[i] = values[j]!;
      values[j] = value;
      if (companions !== undefined) {
        const companion = companions[i]!;
        companions[i] = companions[j]!;
        companions[j] = companion;
      }
      i++;
      j--;
    }
    if (last <= j) high = j;
    else if (last >= i) low = i;
    else break;
  }
}

/** The n-th largest number, n from 1; reorders the numbers. */
export function nthLargest(values: Float32Array | Float64Array, n: number): number {
  selectLargest(values, n);
  return values[n - 1]!;
}
