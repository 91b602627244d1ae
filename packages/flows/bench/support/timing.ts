/** Milliseconds that a synchronous piece of work takes. */
export function milliseconds(work: () => unknown): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

/** Middle of `count` measurements, after one that is not counted; rounded to microseconds. */
export function median(count: number, measure: () => number): number {
  measure();
  const times = Array.from({ length: count }, measure).sort((a, b) => a - b);
  return Math.round(times[Math.floor(count / 2)]! * 1000) / 1000;
}
