import type { ErrorKind } from './ood-error.ts';

// Named once: minifiers repeat a word as often as it stands, in every page's bundle.
const usage = 'usage';
const input = 'input';
const environment = 'environment';

/** Codes that mean the same in every package; each package adds its own to these. */
export const commonCodes = {
  /** An option, argument or name that does not exist, or a value outside its range. */
  INVALID_OPTION: usage,
  /** Nothing at a path. */
  FILE_NOT_FOUND: usage,
  /** Something is at a path where the output should go. */
  FILE_EXISTS: usage,
  /** A folder, device, pipe or socket where a plain file is needed. */
  NOT_A_FILE: usage,
  /** A file where a folder is needed. */
  NOT_A_FOLDER: usage,
  /** Use after `close`. */
  CLOSED: usage,
  /** No rows, samples or values. */
  EMPTY_INPUT: input,
  /** NaN or infinity. */
  NON_FINITE: input,
  /** Another number of rows, columns or entries than the rest. */
  WRONG_SHAPE: input,
  /** A value that the data may not have. */
  INVALID_VALUE: input,
  /** Fewer rows than the method needs. */
  TOO_FEW: input,
  /** More bytes, pixels or entries than a limit allows. */
  TOO_LARGE: input,
  /** Torn or inconsistent. */
  CORRUPT_FILE: input,
  /** Another kind of file. */
  FOREIGN_FILE: input,
  /** Written by a later version. */
  NEWER_VERSION: input,
  /** A part of a format that is not read here. */
  UNSUPPORTED: input,
  /** A covariance without an inverse. */
  SINGULAR_COVARIANCE: input,
  /** An iteration that does not end. */
  NO_CONVERGENCE: input,
  /** No room: disk, quota or file size limit. */
  DISK_FULL: environment,
  READ_FAILED: environment,
  WRITE_FAILED: environment,
  PERMISSION_DENIED: environment,
  NAME_TOO_LONG: environment,
  TOO_MANY_FILES: environment,
  OUT_OF_MEMORY: environment,
  /** Another process writes there. */
  LOCKED: environment,
  /** Another process took a lock away while it was held. */
  LOCK_LOST: environment,
  /** A thread or process of ours ended before its work. */
  WORKER_FAILED: environment,
  /** A package that is not installed with ours is needed. */
  MISSING_PACKAGE: environment,
  /** Files, threads or an engine of Node, asked for in a browser. */
  NODE_ONLY: usage,
  ABORTED: 'aborted',
} as const satisfies Readonly<Record<string, ErrorKind>>;

export type CommonCode = keyof typeof commonCodes;
