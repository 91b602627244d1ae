import { normalUpperQuantile } from '../special/normal.ts';

/** A confidence interval and how it was made. */
export interface Interval {
  readonly low: number;
  readonly high: number;
  /** Nominal coverage, e.g. 0.95. */
  readonly confidence: number;
  readonly method: string;
}

/** A value with its interval. */
export interface Estimate {
  readonly value: number;
  readonly interval: Interval;
}

/** The two-sided normal critical value z with P(|Z| ≤ z) = confidence: 1.96 for 0.95. */
export function criticalValue(confidence: number): number {
  return normalUpperQuantile((1 - confidence) / 2);
}
