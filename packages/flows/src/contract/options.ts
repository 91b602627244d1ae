import { FlowsError } from '../errors.ts';

/** What an option must be: a test, and its description for people. */
export type Rule = readonly [holds: (value: unknown) => boolean, expected: string];

const numeric = (holds: (value: number) => boolean, expected: string): Rule => [
  value => typeof value === 'number' && holds(value),
  expected,
];

export const positive = numeric(v => v > 0 && Number.isFinite(v), 'a positive number');
export const notNegative = numeric(v => v >= 0 && Number.isFinite(v), 'a number of 0 or more');
export const whole = numeric(v => Number.isSafeInteger(v) && v > 0, 'a whole number above 0');
export const count = numeric(v => Number.isSafeInteger(v) && v >= 0, 'a whole number of 0 or more');
/** A number from 0 to below 1. */
export const share = numeric(v => v >= 0 && v < 1, 'a number in [0, 1)');
/** A number from 0 to 1. */
export const portion = numeric(v => v >= 0 && v <= 1, 'a number in [0, 1]');
export const flag: Rule = [value => typeof value === 'boolean', 'true or false'];
export const text: Rule = [value => typeof value === 'string' && value !== '', 'a text'];
export const callable: Rule = [value => typeof value === 'function', 'a function'];
export const anything: Rule = [() => true, 'anything'];
/** Widths of hidden layers; there may be none. */
export const widths: Rule = [
  value => Array.isArray(value) && value.every(width => whole[0](width)),
  'a list of whole numbers above 0',
];

/** A whole number of at least `least`. */
export const wholeFrom = (least: number): Rule =>
  numeric(v => Number.isSafeInteger(v) && v >= least, `a whole number of at least ${least}`);

/** A whole number from 1 to `most`. */
export const wholeUpTo = (most: number): Rule =>
  numeric(v => Number.isSafeInteger(v) && v > 0 && v <= most, `a whole number from 1 to ${most}`);

export const oneOf = (...words: readonly string[]): Rule => [
  value => words.includes(value as string),
  words.map(word => `"${word}"`).join(' or '),
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

/**
 * Refuses options that do not exist, such as mistyped ones, and values that break their rule. An option that is
 * `undefined` counts as left out.
 *
 * @throws FlowsError `BAD_OPTION` naming the option, what it must be and what it was.
 */
export function requireOptions(where: string, given: object, rules: Readonly<Record<string, Rule>>): void {
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue;
    if (!Object.hasOwn(rules, name)) {
      const known = Object.keys(rules).join(', ');
      throw badOption(where, name, `an option among ${known}`, 'one that does not exist', 'correct its name');
    }
    const [holds, expected] = rules[name]!;
    if (!holds(value)) throw badOption(where, name, expected, String(value), 'correct the option');
  }
}

/** A refusal of an option. */
export function badOption(
  where: string,
  name: string,
  expected: string,
  got: string,
  advice: string,
): FlowsError {
  return new FlowsError({ code: 'BAD_OPTION', where: `${where}, option "${name}"`, expected, got, advice });
}
