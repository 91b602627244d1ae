import { OnnxError } from '../errors.ts';

/** What the system's refusal to read a file means. */
export function readFailed(path: string, cause: unknown): OnnxError {
  const errno = codeOf(cause);
  return new OnnxError('READ_FAILED', {
    where: path,
    expected: 'a readable file',
    got: errno,
    advice: 'check its permissions and the disk',
    details: { path, errno },
    cause,
  });
}

/** What the system's refusal to write a file means. */
export function writeFailed(path: string, cause: unknown): OnnxError {
  const errno = codeOf(cause);
  const full = ['ENOSPC', 'EDQUOT', 'EFBIG'].includes(errno);
  return new OnnxError(full ? 'DISK_FULL' : 'WRITE_FAILED', {
    where: path,
    expected: full ? 'room for the model' : 'a file to write',
    got: errno,
    advice: full ? 'free space and write it again' : 'check that its folder exists and may be written to',
    details: { path, errno },
    cause,
  });
}

function codeOf(cause: unknown): string {
  return (cause as NodeJS.ErrnoException).code ?? String(cause);
}
