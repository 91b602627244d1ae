import type { ErrorKind } from '@ood/core';

/** What a process of the command line returns. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  gateMissed: 3,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The exit code of each kind of error. */
export const EXIT_OF_KIND: Readonly<Record<ErrorKind, ExitCode>> = {
  usage: EXIT.usage,
  input: EXIT.failed,
  environment: EXIT.failed,
  aborted: EXIT.interrupted,
  internal: EXIT.failed,
};

/** A check that the caller asked for did not hold (e.g. `--fail-on-ood`): a verdict, no failure of anything. */
export class GateMissedError extends Error {
  override readonly name = 'GateMissedError';
}
