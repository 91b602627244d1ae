import { expect } from 'vitest';

/** Expects every number within `tolerance` × the largest magnitude expected (at least 1e-3). */
export function expectClose(got: ArrayLike<number>, wanted: ArrayLike<number>, tolerance: number): void {
  expect(got.length).toBe(wanted.length);
  let largest = 1e-3;
  for (let i = 0; i < wanted.length; i++) largest = Math.max(largest, Math.abs(wanted[i]!));
  let worst = 0;
  for (let i = 0; i < wanted.length; i++) {
    const error = Math.abs(got[i]! - wanted[i]!);
    worst = Number.isNaN(error) ? Number.POSITIVE_INFINITY : Math.max(worst, error);
  }
  expect(worst / largest).toBeLessThanOrEqual(tolerance);
}
