import { OnnxError } from '../errors.ts';
import type { SessionOptions } from './session.ts';

const optimizations = ['disabled', 'basic', 'extended', 'all'];

/** @throws OnnxError `INVALID_OPTION` for a thread count, provider list or optimisation level that cannot be. */
export function checkSessionOptions({ threads, providers, optimization }: SessionOptions): void {
  if (threads !== undefined && !(Number.isInteger(threads) && threads >= 1 && threads <= 1024)) {
    throw invalid('threads', 'a whole number from 1 to 1024', threads);
  }
  if (providers !== undefined && !(Array.isArray(providers) && providers.length > 0)) {
    throw invalid('providers', 'a list of at least one execution provider', providers);
  }
  if (optimization !== undefined && !optimizations.includes(optimization)) {
    throw invalid('optimization', `one of ${optimizations.join(', ')}`, optimization);
  }
}

function invalid(option: string, expected: string, value: unknown): OnnxError {
  return new OnnxError('INVALID_OPTION', {
    where: `session option ${option}`,
    expected,
    got: JSON.stringify(value) ?? String(value),
    details: { option, value },
  });
}
