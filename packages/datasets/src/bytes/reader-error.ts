import { FormatError, type FormatErrorCode } from '../errors.ts';
import type { ByteSource } from './byte-source.ts';

/** The error of a binary reader that found something else than it expected at `offset`. */
export function unreadable(
  code: FormatErrorCode,
  source: ByteSource,
  {
    offset,
    expected,
    received,
    advice,
  }: { offset?: number; expected: string; received: string; advice?: string },
): FormatError {
  return new FormatError(code, {
    file: source.name,
    ...(offset === undefined ? {} : { offset }),
    expected,
    received,
    advice: advice ?? 'check that this is the right file and that it arrived whole',
  });
}
