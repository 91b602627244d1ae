import { InvalidArgumentError } from 'commander';

/** Parses a seed: a whole number from 0 to 2³² − 1. */
export function parseSeed(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 0xffffffff) {
    throw new InvalidArgumentError('expected a whole number from 0 to 4294967295.');
  }
  return value;
}

/** Parses a tolerated rate: a number above 0 and below 1. */
export function parseAlpha(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value > 0 && value < 1)) {
    throw new InvalidArgumentError('expected a number above 0 and below 1, e.g. 0.05.');
  }
  return value;
}

/** Parses names separated by commas, at least one. */
export function parseNames(text: string): string[] {
  const names = text.split(',').map(name => name.trim());
  if (names.some(name => name === '')) {
    throw new InvalidArgumentError('expected names separated by commas.');
  }
  return names;
}

/** Parses `NAME=SIZE`, and adds it to the sizes given before. */
export function parseDimension(
  text: string,
  before: Readonly<Record<string, number>> = {},
): Record<string, number> {
  const [, name, size] = /^(.+)=(\d+)$/.exec(text) ?? [];
  if (name === undefined || Number(size) < 1) {
    throw new InvalidArgumentError('expected NAME=SIZE, e.g. height=224.');
  }
  return { ...before, [name]: Number(size) };
}
