import { count, openUnit, requireOption, whole } from '@ood/core';
import { MetricsError } from '../errors.ts';
import { criticalValue, type Estimate } from './interval.ts';

/** The option that every interval has. */
export interface ConfidenceOptions {
  /** Nominal coverage, 0 < confidence < 1. Default 0.95. */
  readonly confidence?: number;
}

/**
 * The rate `successes / trials` with Wilson's score interval; never empty and never outside [0, 1], also at 0 and 1.
 *
 * (p + z²/2n ± z √(p(1−p)/n + z²/4n²)) / (1 + z²/n). Assumes independent trials with one probability. A rate measured at a threshold chosen on
 * the same samples varies more than this says.
 *
 * @throws OodError `INVALID_OPTION` (counts that are no counts), `INVALID_VALUE` (more successes than trials)
 * @see Wilson (1927), JASA 22; Brown, Cai & DasGupta (2001), Statistical Science 16
 */
export function wilson(
  successes: number,
  trials: number,
  { confidence = 0.95 }: ConfidenceOptions = {},
): Estimate {
  requireOption('wilson', 'successes', successes, count);
  requireOption('wilson', 'trials', trials, whole);
  requireOption('wilson', 'confidence', confidence, openUnit);
  if (successes > trials) {
    throw new MetricsError('INVALID_VALUE', {
      where: 'wilson',
      expected: 'at most as many successes as trials',
      got: `${successes} of ${trials}`,
      advice: 'check the order of the arguments: wilson(successes, trials)',
      details: { successes, trials },
    });
  }
  const rate = successes / trials;
  const z2 = criticalValue(confidence) ** 2;
  const center = (rate + z2 / (2 * trials)) / (1 + z2 / trials);
  const half =
    Math.sqrt(z2 * ((rate * (1 - rate)) / trials + z2 / (4 * trials * trials))) / (1 + z2 / trials);
  return {
    value: rate,
    interval: {
      // At 0 and 1 the ends coincide with the rate; rounding must not move them past it.
      low: successes === 0 ? 0 : Math.max(0, center - half),
      high: successes === trials ? 1 : Math.min(1, center + half),
      confidence,
      method: 'wilson',
    },
  };
}
