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
