import { CoreError } from '../errors/core-error.ts';

/** Stops a long computation whose signal has been aborted. @throws CoreError `ABORTED`, its cause the signal's reason. */
export function throwIfAborted(where: string, signal: AbortSignal | undefined): void {
  if (!signal?.aborted) return;
  throw new CoreError('ABORTED', {
    where,
    expected: 'to run to the end',
    got: `an abort (${String(signal.reason)})`,
    advice: 'call again to start over',
    cause: signal.reason,
  });
}
