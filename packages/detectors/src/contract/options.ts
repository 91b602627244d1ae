import { DetectorsError } from '../errors.ts';

/** Refuses an option that is not a finite number above zero. */
export function requirePositive(where: string, name: string, value: number): void {
  if (Number.isFinite(value) && value > 0) return;
  throw invalid(where, name, 'a number above 0', value);
}

/** Refuses an option that is not a whole number from 1 to `most`. */
export function requireCount(where: string, name: string, value: number, most: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= most) return;
  throw invalid(where, name, `a whole number from 1 to ${most}`, value);
}

/** Refuses an option outside `[0, 1]`. */
export function requireShare(where: string, name: string, value: number): void {
  if (value >= 0 && value <= 1) return;
  throw invalid(where, name, 'a number from 0 to 1', value);
}

function invalid(where: string, name: string, expected: string, value: number): DetectorsError {
  return new DetectorsError('INVALID_OPTION', {
    where: `${where}: option ${name}`,
    expected,
    got: String(value),
    details: { option: name, value },
  });
}
