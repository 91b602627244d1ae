/**
 * A fraction as percent with one decimal, and with two within one percent of either end: 0.98234 → `98.2`, 0.9996 → `99.96`. Only 0 and 1
 * themselves are shown as `0.0` and `100.0`.
 */
export function percent(fraction: number): string {
  const value = fraction * 100;
  if (value > 0 && value < 1) return Math.max(0.01, value).toFixed(2);
  if (value > 99 && value < 100) return Math.min(99.99, value).toFixed(2);
  return value.toFixed(1);
}
