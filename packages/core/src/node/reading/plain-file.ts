import { constants } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { CoreError } from '../../errors/core-error.ts';
import { systemError } from '../../errors/system-error.ts';
import type { ByteRanges } from '../../formats/byte-ranges.ts';
import { kindOfFile } from './kind-of-file.ts';

export interface PlainFileOptions {
  /** What the file should be, as in `expected …`: `an ONNX model`. */
  readonly what?: string | undefined;
  /** Longest file that is let in. Default: no limit. */
  readonly maxBytes?: number | undefined;
  /** What the path is called in messages, e.g. `--model m.onnx`. Default: the path. */
  readonly where?: string | undefined;
}

/** A plain file open for reading. */
export interface PlainFile extends ByteRanges {
  readonly path: string;
  /** Bytes when it was opened. */
  readonly size: number;
  /** When it was last changed, in milliseconds since 1970. */
  readonly modifiedMs: number;
  /** Exactly these bytes, in memory of their own. @throws CoreError `CORRUPT_FILE` where the file ends before. */
  read(start: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/**
 * Opens what a user named as input: only a plain file, or a link to one, of bounded length. A folder, pipe, device or socket is
 * refused without waiting for it.
 *
 * @throws CoreError `FILE_NOT_FOUND`, `NOT_A_FILE`, `TOO_LARGE`, `PERMISSION_DENIED` and other refusals of the system
 */
export async function openPlainFile(path: string, options: PlainFileOptions = {}): Promise<PlainFile> {
  const { what = 'a file', maxBytes = Number.POSITIVE_INFINITY, where = path } = options;
  const attempt = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (cause) {
      throw systemError(cause, { where, expected: what });
    }
  };
  // Before it is opened: opening a pipe tells its writer to begin.
  requirePlain(await attempt(() => stat(path)), where, what);
  const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0);
  const handle = await attempt(() => open(path, flags));
  try {
    // Again: a pipe may have taken its place.
    const found = await attempt(() => handle.stat());
    requirePlain(found, where, what);
    if (found.size > maxBytes) throw tooLarge(where, what, found.size, maxBytes);
    return {
      path,
      size: found.size,
      modifiedMs: found.mtimeMs,
      read: (start, length) => attempt(() => readExactly(handle, where, start, length)),
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** All bytes of a plain file, in memory of their own. @throws as `openPlainFile`; `OUT_OF_MEMORY`. */
export async function readPlainFile(path: string, options: PlainFileOptions = {}): Promise<Uint8Array> {
  const file = await openPlainFile(path, options);
  try {
    return await file.read(0, file.size);
  } finally {
    await file.close();
  }
}

/** Longer reads are refused by the runtime. */
const LONGEST_READ = 2 ** 30;

async function readExactly(
  handle: Awaited<ReturnType<typeof open>>,
  where: string,
  start: number,
  length: number,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const most = Math.min(length - done, LONGEST_READ);
    const { bytesRead } = await handle.read(bytes, done, most, start + done);
    if (bytesRead === 0)
      throw new CoreError('CORRUPT_FILE', {
        where,
        expected: `${length} bytes from byte ${start} on`,
        got: `only ${done}: the file is cut short`,
        advice: 'save it again, or copy the file again',
        details: { start, length, got: done },
      });
    done += bytesRead;
  }
  return bytes;
}

function requirePlain(found: Awaited<ReturnType<typeof stat>>, where: string, what: string): void {
  if (found.isFile()) return;
  throw new CoreError('NOT_A_FILE', {
    where,
    expected: what,
    got: kindOfFile(found as Parameters<typeof kindOfFile>[0]),
    advice: 'give the path of a plain file',
  });
}

function tooLarge(where: string, what: string, size: number, maxBytes: number): CoreError {
  return new CoreError('TOO_LARGE', {
    where,
    expected: `${what} of at most ${maxBytes} bytes`,
    got: `${size} bytes`,
    advice: 'check that this is the file that you mean',
    details: { bytes: size, limit: maxBytes },
  });
}
