import { systemError } from '../../errors/system-error.ts';

/** What a write expects, for messages. */
export interface WriteErrorOptions {
  /** As in `expected …`. */
  readonly expected?: string | undefined;
  /** What to do once there is room, as in `free some space and …`. Default: run it again. */
  readonly retry?: string | undefined;
}

/** A refusal of the system while writing, typed; any other error as it is. */
export function writeError(cause: unknown, path: string, options: WriteErrorOptions = {}): unknown {
  const { expected = 'to write there', retry } = options;
  return systemError(cause, { where: path, expected, retry, otherwise: 'WRITE_FAILED' });
}
