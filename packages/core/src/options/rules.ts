import { CoreError } from '../errors/core-error.ts';
import { closest } from './closest.ts';

/** What an option must be: a test, and its description for people, as in `expected …`. */
export type Rule = readonly [holds: (value: unknown) => boolean, expected: string];

// Calls are marked pure, so that a bundle holds only the rules that it uses.
const numeric = (holds: (value: number) => boolean, expected: string): Rule => [
  value => typeof value === 'number' && holds(value),
  expected,
];

export const finite = /* @__PURE__ */ numeric(Number.isFinite, 'a finite number');
export const positive = /* @__PURE__ */ numeric(v => v > 0 && Number.isFinite(v), 'a positive number');
export const notNegative = /* @__PURE__ */ numeric(
  v => v >= 0 && Number.isFinite(v),
  'a number of 0 or more',
);
/** A whole number of 0 or more. */
export const count = /* @__PURE__ */ numeric(
  v => Number.isSafeInteger(v) && v >= 0,
  'a whole number of 0 or more',
);
/** A whole number above 0. */
export const whole = /* @__PURE__ */ numeric(v => Number.isSafeInteger(v) && v > 0, 'a whole number above 0');
/** A number in [0, 1). */
export const share = /* @__PURE__ */ numeric(v => v >= 0 && v < 1, 'a number in [0, 1)');
/** A number in [0, 1]. */
export const portion = /* @__PURE__ */ numeric(v => v >= 0 && v <= 1, 'a number in [0, 1]');
/** A number in (0, 1). */
export const openUnit = /* @__PURE__ */ numeric(v => v > 0 && v < 1, 'a number strictly between 0 and 1');
/** A number in [0, 100). */
export const percentile = /* @__PURE__ */ numeric(v => v >= 0 && v < 100, 'a percentile from 0 to below 100');
export const flag: Rule = [value => typeof value === 'boolean', 'true or false'];
export const text: Rule = [value => typeof value === 'string' && value !== '', 'a text'];
export const callable: Rule = [value => typeof value === 'function', 'a function'];
export const anything: Rule = [() => true, 'anything'];

/** A whole number of at least `least`. */
export const wholeFrom = (least: number): Rule =>
  numeric(v => Number.isSafeInteger(v) && v >= least, `a whole number of at least ${least}`);

/** A whole number from 1 to `most`. */
export const wholeUpTo = (most: number): Rule =>
  numeric(v => Number.isSafeInteger(v) && v > 0 && v <= most, `a whole number from 1 to ${most}`);

export const oneOf = (...words: readonly string[]): Rule => [
  value => words.includes(value as string),
  `one of ${words.map(word => JSON.stringify(word)).join(', ')}`,
];

export const listOf = ([holds, expected]: Rule): Rule => [
  value => Array.isArray(value) && value.every(holds),
  `a list, each entry ${expected}`,
];

export const orNull = ([holds, expected]: Rule): Rule => [
  value => value === null || holds(value),
  `${expected} or null`,
];

/** An object that has these functions. */
export const having = (what: string, ...names: readonly string[]): Rule => [
  value =>
    typeof value === 'object' &&
    value !== null &&
    names.every(name => typeof Reflect.get(value, name) === 'function'),
  what,
];

/** Refuses a value that breaks its rule. @throws CoreError `INVALID_OPTION` naming the option, what it must be and what it was. */
export function requireOption(where: string, name: string, value: unknown, [holds, expected]: Rule): void {
  if (!holds(value)) throw invalidOption(where, name, expected, value);
}

/**
 * Refuses options that do not exist, such as mistyped ones, and values that break their rule. An option that is
 * `undefined` counts as left out.
 *
 * @throws CoreError `INVALID_OPTION` naming the option, what it must be and what it was.
 */
export function requireOptions(where: string, given: object, rules: Readonly<Record<string, Rule>>): void {
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue;
    if (!Object.hasOwn(rules, name)) throw unknownOption(where, name, Object.keys(rules));
    requireOption(where, name, value, rules[name]!);
  }
}

/** The refusal of an option's value. */
export function invalidOption(
  where: string,
  name: string,
  expected: string,
  value: unknown,
  advice = `correct the option ${name}`,
): CoreError {
  return new CoreError('INVALID_OPTION', {
    where: `${where}, option "${name}"`,
    expected,
    got: shown(value),
    advice,
    details: { option: name, ...(isPlain(value) && { value }) },
  });
}

/** The refusal of an option that does not exist. */
export function unknownOption(where: string, name: string, known: readonly string[]): CoreError {
  const meant = closest(name, known);
  return new CoreError('INVALID_OPTION', {
    where,
    expected: known.length === 0 ? 'no options' : `options among ${known.join(', ')}`,
    got: JSON.stringify(name),
    advice: meant === undefined ? 'correct its name' : `did you mean ${meant}?`,
    details: { option: name, known },
  });
}

function isPlain(value: unknown): value is string | number | boolean | null {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}

/** A value for a message, never long. */
function shown(value: unknown): string {
  if (typeof value === 'string')
    return JSON.stringify(value.length > 100 ? `${value.slice(0, 100)}…` : value);
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null)
    return `an object with ${Object.keys(value).slice(0, 5).join(', ') || 'nothing'}`;
  return typeof value === 'function' ? 'a function' : String(value);
}
