import { DetectorsError } from '../errors.ts';
import type { MethodOptions } from './method.ts';

/** Refuses an option that is not a finite number above zero. */
export function requirePositive(where: string, name: string, value: number): void {
  if (Number.isFinite(value) && value > 0) return;
  throw invalid(where, name, 'a number above 0', value);
}

/** Refuses an option that is not a finite number of at least zero. */
export function requireNotNegative(where: string, name: string, value: number): void {
  if (Number.isFinite(value) && value >= 0) return;
  throw invalid(where, name, 'a number of at least 0', value);
}

/** Refuses an option that is not a whole number from 1 to `most`. */
export function requireCount(where: string, name: string, value: number, most?: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= (most ?? Number.MAX_SAFE_INTEGER)) return;
  throw invalid(
    where,
    name,
    most === undefined ? 'a whole number from 1' : `a whole number from 1 to ${most}`,
    value,
  );
}

/** Refuses an option outside `[0, 1]`. */
export function requireShare(where: string, name: string, value: number): void {
  if (value >= 0 && value <= 1) return;
  throw invalid(where, name, 'a number from 0 to 1', value);
}

/** Refuses a percentile outside `[0, 100)`. */
export function requirePercentile(where: string, name: string, value: number): void {
  if (value >= 0 && value < 100) return;
  throw invalid(where, name, 'a percentile from 0 to below 100', value);
}

/** Refuses anything but the words listed. */
export function requireChoice(where: string, name: string, value: unknown, words: readonly string[]): void {
  if (words.includes(value as string)) return;
  throw invalid(where, name, `one of ${words.join(', ')}`, value);
}

/** The defaults with what was given; an option that the method does not have, or of another type, is an error. */
export function resolveOptions<Options extends object>(
  where: string,
  defaults: Options,
  given: MethodOptions,
): Options {
  const known = defaults as MethodOptions;
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue;
    if (!Object.hasOwn(known, name)) {
      const names = Object.keys(known);
      throw new DetectorsError('INVALID_OPTION', {
        where,
        expected: names.length === 0 ? 'no options' : `options among ${names.join(', ')}`,
        got: name,
        details: { option: name, known: names },
      });
    }
    const wanted = known[name];
    if (wanted !== undefined && typeof wanted !== typeof value) {
      throw invalid(where, name, `a ${typeof wanted}`, value);
    }
  }
  const set = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return { ...defaults, ...set };
}

function invalid(where: string, name: string, expected: string, value: unknown): DetectorsError {
  return new DetectorsError('INVALID_OPTION', {
    where: `${where}: option ${name}`,
    expected,
    got: String(value),
    details: { option: name, value },
  });
}
