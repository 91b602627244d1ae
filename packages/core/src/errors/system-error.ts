import type { CommonCode } from './codes.ts';
import { CoreError } from './core-error.ts';
import { isOodError } from './ood-error.ts';

type Refusal = readonly [code: CommonCode, got: string, advice: string];

/** What the operating system's refusals mean, and what a person can do. */
const REFUSALS: Readonly<Record<string, Refusal>> = {
  ENOENT: ['FILE_NOT_FOUND', 'no such file or folder', 'check the path for typing errors'],
  EISDIR: ['NOT_A_FILE', 'a folder', 'give the path of a file'],
  ENOTDIR: ['NOT_A_FOLDER', 'a file in place of a folder', 'check the path'],
  EEXIST: ['FILE_EXISTS', 'something that is there already', 'choose another path'],
  ENOTEMPTY: ['FILE_EXISTS', 'a folder that is not empty', 'choose another path'],
  ENXIO: ['NOT_A_FILE', 'a pipe or device', 'give the path of a plain file'],
  EACCES: ['PERMISSION_DENIED', 'permission denied', 'change the permissions, or choose another path'],
  EPERM: ['PERMISSION_DENIED', 'permission denied', 'change the permissions, or choose another path'],
  EROFS: ['WRITE_FAILED', 'a file system that is read-only', 'choose a path on another'],
  ENOSPC: ['DISK_FULL', 'no space left on the disk', 'free some space and run it again'],
  EDQUOT: ['DISK_FULL', 'a disk quota that is used up', 'free some space and run it again'],
  EFBIG: [
    'DISK_FULL',
    'a limit on the size of files',
    'raise it (ulimit -f), or write to another file system, and run it again',
  ],
  ENAMETOOLONG: ['NAME_TOO_LONG', 'a name that is too long', 'choose a shorter one'],
  EMFILE: ['TOO_MANY_FILES', 'too many open files', 'raise the limit (ulimit -n), or do less at once'],
  ENFILE: ['TOO_MANY_FILES', 'too many open files on this machine', 'close other programs'],
  ENOMEM: ['OUT_OF_MEMORY', 'no memory', 'close other programs, or give smaller batches'],
  ERR_WORKER_OUT_OF_MEMORY: ['OUT_OF_MEMORY', 'no memory left in a thread', 'give smaller batches'],
  ELOOP: ['READ_FAILED', 'links that lead in a circle', 'give the path of the file itself'],
  EIO: ['READ_FAILED', 'a disk that cannot be read or written', 'check the disk'],
  EBUSY: ['WRITE_FAILED', 'a file that is in use', 'close what uses it'],
};

export interface SystemErrorOptions {
  /** The path or name concerned. Default: the error's own path. */
  readonly where?: string | undefined;
  /** What was to be done, as in `expected …`. */
  readonly expected: string;
  /** What to do instead of the usual advice. */
  readonly advice?: string | undefined;
  /** What to do once there is room on the disk, as in `free some space and …`. Default: run it again. */
  readonly retry?: string | undefined;
  /** The code of a refusal that is not known here. Default: `READ_FAILED`. */
  readonly otherwise?: CommonCode | undefined;
}

/** Whether an error is one that the operating system or the engine gave because of the machine, not of our code. */
export function isSystemError(error: unknown): boolean {
  return error instanceof Error && (refusalOf(error) !== undefined || 'errno' in error);
}

/**
 * A refusal of the operating system as a typed error with advice; any other error as it is, also one of an `@ood` package.
 *
 * @returns a CoreError of kind `environment` or, where a path is wrong, `usage`
 */
export function systemError(cause: unknown, options: SystemErrorOptions): unknown {
  const { where, expected, advice, retry = 'run it again', otherwise = 'READ_FAILED' } = options;
  if (!isSystemError(cause)) return cause;
  if (isOodError(cause)) return cause;
  const { code = 'an unknown error', path, message } = cause as NodeJS.ErrnoException;
  const [ours, got, usual] = refusalOf(cause as Error) ?? [
    otherwise,
    message,
    'check the path, its permissions and the disk',
  ];
  return new CoreError(ours, {
    where: where ?? path ?? 'the operating system',
    expected,
    got: `${got} (${code})`,
    advice: advice ?? usual.replace('run it again', retry),
    details: { path: where ?? path, errno: code },
    cause,
  });
}

function refusalOf(error: Error): Refusal | undefined {
  const code = (error as NodeJS.ErrnoException).code;
  if (typeof code === 'string' && Object.hasOwn(REFUSALS, code)) return REFUSALS[code];
  // Engines say these in words only.
  if (error instanceof RangeError && /allocat|memory|array buffer|array length/i.test(error.message))
    return ['OUT_OF_MEMORY', error.message, 'close other programs, or give smaller batches'];
  return undefined;
}
