import { MetricsError } from '../errors.ts';

/** Throws unless 0 < `value` < 1. */
export function requireOpenUnit(where: string, name: string, value: number): void {
  if (typeof value === 'number' && value > 0 && value < 1) return;
  throw invalidOption(where, name, 'a number strictly between 0 and 1', value);
}

/** Throws unless `value` is an integer of at least `minimum`. */
export function requireInteger(where: string, name: string, value: number, minimum: number): void {
  if (Number.isSafeInteger(value) && value >= minimum) return;
  throw invalidOption(where, name, `an integer of at least ${minimum}`, value);
}

/** The error for an option outside its range. */
export function invalidOption(where: string, name: string, expected: string, value: unknown): MetricsError {
  return new MetricsError('INVALID_OPTION', {
    where,
    expected: `${name} to be ${expected}`,
    got: typeof value === 'string' ? JSON.stringify(value) : String(value),
    advice: `correct the option ${name}`,
    data: { name, value },
  });
}

/** Throws when the signal has been aborted. Called between the steps of long computations. */
export function throwIfAborted(where: string, signal: AbortSignal | undefined): void {
  if (!signal?.aborted) return;
  throw new MetricsError('ABORTED', {
    where,
    expected: 'to run to the end',
    got: `an abort (${String(signal.reason)})`,
    advice: 'call again to start over; nothing was written',
    data: { reason: signal.reason },
  });
}

/** Throws unless `value` is one of the allowed words. */
export function requireOneOf(where: string, name: string, value: string, allowed: readonly string[]): void {
  if (!allowed.includes(value)) throw invalidOption(where, name, `one of ${allowed.join(', ')}`, value);
}
