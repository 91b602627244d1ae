import { openPlainFile, type PlainFile } from '@ood/core/node';
import { type DatasetError, fileError } from '../errors.ts';

/** Bytes that can be read anywhere: a file, or memory. Holds no file handle between reads. */
export interface ByteSource {
  /** What errors call it: a path, or `archive!entry`. */
  readonly name: string;
  readonly size: number;
  /**
   * Exactly `length` bytes from `offset` on; the caller must not write to them.
   *
   * @throws DatasetError or CoreError `CORRUPT_FILE` where fewer bytes are there.
   */
  read(offset: number, length: number): Promise<Uint8Array>;
}

/** A path, bytes in memory, or an open source. */
export type BytesInput = string | Uint8Array | ByteSource;

/** Small reads that go forward fetch a whole block, so that reading records in order costs one system call per block. */
const BLOCK = 256 * 1024;
/** A read that begins at most so far after the last one goes forward. */
const NEAR = 16 * 1024;

/** The source behind `input`; a path is opened once to learn its size. */
export async function openBytes(input: BytesInput): Promise<ByteSource> {
  if (typeof input === 'string') return openFile(input);
  if (input instanceof Uint8Array) return bytesSource(input);
  return input;
}

/** Bytes in memory as a source. */
export function bytesSource(input: Uint8Array, name = 'bytes'): ByteSource {
  // A Buffer would hand its own `slice` on, which does not copy.
  const bytes = new Uint8Array(input.buffer, input.byteOffset, input.length);
  return {
    name,
    size: bytes.length,
    async read(offset, length) {
      checkRange(name, offset, length, bytes.length);
      return bytes.subarray(offset, offset + length);
    },
  };
}

/**
 * A file as a source; opened for each read, so that no handle is held.
 *
 * @throws CoreError `FILE_NOT_FOUND`, `NOT_A_FILE` (a folder, device or pipe) and other refusals of the system
 */
export async function openFile(path: string): Promise<ByteSource> {
  const { size } = await withFile(path, async file => file);
  let block: { start: number; bytes: Uint8Array } | undefined;
  let lastEnd = 0;
  return {
    name: path,
    size,
    async read(offset, length) {
      checkRange(path, offset, length, size);
      if (length >= BLOCK) return readFully(path, offset, length);
      const held = block;
      if (held !== undefined && offset >= held.start && offset + length <= held.start + held.bytes.length) {
        lastEnd = offset + length;
        return held.bytes.subarray(offset - held.start, offset - held.start + length);
      }
      const forward = offset >= lastEnd && offset <= lastEnd + NEAR;
      lastEnd = offset + length;
      if (!forward) return readFully(path, offset, length);
      const bytes = await readFully(path, offset, Math.min(BLOCK, size - offset));
      block = { start: offset, bytes };
      return bytes.subarray(0, length);
    },
  };
}

/** A part of a source as a source of its own. */
export function sliceSource(source: ByteSource, start: number, size: number, name: string): ByteSource {
  return {
    name,
    size,
    read(offset, length) {
      checkRange(name, offset, length, size);
      return source.read(start + offset, length);
    },
  };
}

function readFully(path: string, offset: number, length: number): Promise<Uint8Array> {
  return withFile(path, file => file.read(offset, length));
}

async function withFile<T>(path: string, use: (file: PlainFile) => Promise<T>): Promise<T> {
  const file = await openPlainFile(path);
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}

function checkRange(name: string, offset: number, length: number, size: number): void {
  if (offset < 0 || length < 0 || offset + length > size) {
    throw truncated(name, offset, length, Math.max(0, size - offset));
  }
}

function truncated(file: string, offset: number, expected: number, got: number): DatasetError {
  return fileError('CORRUPT_FILE', {
    file,
    offset,
    expected: `${expected} more bytes`,
    got: `${got}`,
    advice: 'the file was cut short or changed: fetch it again',
  });
}
