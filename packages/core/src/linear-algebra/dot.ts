/** Σ a[aStart + k] · b[bStart + k] over `length` entries. */
export function dot(
  a: Float64Array,
  aStart: number,
  b: Float64Array,
  bStart: number,
  length: number,
): number {
  // Four sums side by side: a single one would wait for itself.
  let [s, t, u, v] = [0, 0, 0, 0];
  let k = 0;
  for (; k + 3 < length; k += 4) {
    s += a[aStart + k]! * b[bStart + k]!;
    t += a[aStart + k + 1]! * b[bStart + k + 1]!;
    u += a[aStart + k + 2]! * b[bStart + k + 2]!;
    v += a[aStart + k + 3]! * b[bStart + k + 3]!;
  }
  for (; k < length; k++) s += a[aStart + k]! * b[bStart + k]!;
  return s + t + u + v;
}
