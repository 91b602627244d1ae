import { FlowsError } from '../errors.ts';

/**
 * Writes a file that is never found half-written: beside its place as `.incomplete` first, flushed to the disk, then renamed.
 * Folders that are missing are made; what was begun is removed where it fails.
 *
 * @throws FlowsError `DISK_FULL`, `WRITE_FAILED`.
 */
export async function writeWholeFile(
  path: string,
  parts: readonly Uint8Array[],
  { retry }: { /** What to do once there is room. */ readonly retry: string },
): Promise<void> {
  const { mkdir, open, rename, rm } = await import('node:fs/promises');
  const { dirname } = await import('node:path');
  const unfinished = `${path}.incomplete`;
  try {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(unfinished, 'w');
    try {
      for (const part of parts) await file.writeFile(part);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(unfinished, path);
  } catch (cause) {
    await rm(unfinished, { force: true }).catch(() => undefined);
    throw writeError(path, cause, retry);
  }
}

/**
 * Finds out before the work that a file could be written at its end.
 *
 * @throws FlowsError `DISK_FULL`, `WRITE_FAILED`.
 */
export async function requireWritable(path: string): Promise<void> {
  const { mkdir, open, rm } = await import('node:fs/promises');
  const { dirname } = await import('node:path');
  const unfinished = `${path}.incomplete`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await (await open(unfinished, 'w')).close();
    await rm(unfinished);
  } catch (cause) {
    throw writeError(path, cause, 'start again');
  }
}

function writeError(where: string, cause: unknown, retry: string): FlowsError {
  const { code, message } = cause as NodeJS.ErrnoException;
  const full = code !== undefined && ['ENOSPC', 'EDQUOT', 'EFBIG'].includes(code);
  return new FlowsError(full ? 'DISK_FULL' : 'WRITE_FAILED', {
    where,
    expected: full ? 'room for the file' : 'a file that can be written',
    got: message,
    advice: full ? `free some space and ${retry}` : 'check the folder and its permissions',
    cause,
  });
}
