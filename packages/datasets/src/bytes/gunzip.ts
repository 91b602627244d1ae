import { createGunzip, createInflate } from 'node:zlib';
import { type DatasetError, fileError } from '../errors.ts';
import { type ByteSource, bytesSource } from './byte-source.ts';

export interface InflateLimits {
  /** Most bytes that may come out. Default: 2 GiB. */
  readonly maxBytes?: number;
  /** Largest ratio of bytes out to bytes in (deflate itself ends at 1032). Default: 300. */
  readonly maxRatio?: number;
}

/** Below this many bytes out no ratio is held against a file: a tiny file may well be a run of zeros. */
const RATIO_FREE_BYTES = 16 * 1024 * 1024;
const CHUNK = 256 * 1024;

/** Whether the source begins with the gzip magic number. */
export async function isGzip(source: ByteSource): Promise<boolean> {
  if (source.size < 18) return false;
  const head = await source.read(0, 2);
  return head[0] === 0x1f && head[1] === 0x8b;
}

/** The bytes of `source`, in chunks. */
export async function* chunksOf(
  source: ByteSource,
  start = 0,
  end = source.size,
): AsyncGenerator<Uint8Array> {
  for (let offset = start; offset < end; offset += CHUNK) {
    yield await source.read(offset, Math.min(CHUNK, end - offset));
  }
}

/**
 * Decompressed chunks of a gzip or zlib stream, checksum verified, as they are asked for.
 *
 * @throws DatasetError `CORRUPT_FILE`, or `TOO_LARGE` before more than the limits allow is held.
 */
export async function* inflateChunks(
  source: ByteSource,
  kind: 'gzip' | 'zlib',
  {
    maxBytes = 2 ** 31,
    maxRatio = 300,
    start = 0,
    end = source.size,
  }: InflateLimits & { start?: number; end?: number } = {},
): AsyncGenerator<Uint8Array> {
  const inflate = kind === 'gzip' ? createGunzip({ chunkSize: CHUNK }) : createInflate({ chunkSize: CHUNK });
  let bytesIn = 0;
  let bytesOut = 0;
  const feed = (async () => {
    for await (const chunk of chunksOf(source, start, end)) {
      bytesIn += chunk.length;
      if (!inflate.write(chunk)) await drained(inflate);
      if (inflate.destroyed || inflate.readableEnded) return;
    }
    inflate.end();
  })().catch((error: unknown) => {
    inflate.destroy(error as Error);
  });
  try {
    for await (const chunk of inflate as AsyncIterable<Uint8Array>) {
      bytesOut += chunk.length;
      if (bytesOut > maxBytes) throw bomb(source.name, `at most ${maxBytes} bytes`, `more`);
      if (bytesOut > RATIO_FREE_BYTES && bytesOut > maxRatio * bytesIn) {
        throw bomb(source.name, `a ratio of at most ${maxRatio}`, `${Math.round(bytesOut / bytesIn)}`);
      }
      yield chunk;
    }
  } catch (error) {
    throw asFormatError(source.name, error);
  } finally {
    inflate.destroy();
    await feed;
  }
}

/** The whole decompressed content of a gzip source, in memory. Default limit: 1 GiB. */
async function gunzip(source: ByteSource, limits: InflateLimits = {}): Promise<ByteSource> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of inflateChunks(source, 'gzip', { maxBytes: 2 ** 30, ...limits }))
    chunks.push(chunk);
  return bytesSource(joinChunks(chunks), source.name);
}

/** The source itself, or, where it is gzip, its content in memory. */
export async function maybeGunzip(source: ByteSource, limits: InflateLimits = {}): Promise<ByteSource> {
  return (await isGzip(source)) ? gunzip(source, limits) : source;
}

/** One array of all chunks. */
export function joinChunks(chunks: readonly Uint8Array[]): Uint8Array {
  if (chunks.length === 1) return chunks[0]!;
  const all = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    all.set(chunk, offset);
    offset += chunk.length;
  }
  return all;
}

function drained(stream: NodeJS.WritableStream & { destroyed?: boolean }): Promise<void> {
  return new Promise(resolve => {
    if (stream.destroyed === true) return resolve();
    const done = () => {
      stream.off('drain', done);
      stream.off('close', done);
      resolve();
    };
    stream.on('drain', done);
    stream.on('close', done);
  });
}

function bomb(file: string, expected: string, got: string): DatasetError {
  return fileError('TOO_LARGE', {
    file,
    expected: `${expected} after decompression`,
    got,
    advice: 'if you trust the file, raise the limit',
  });
}

function asFormatError(file: string, error: unknown): Error {
  const code = (error as NodeJS.ErrnoException | undefined)?.code ?? '';
  if (code === 'Z_BUF_ERROR') {
    return fileError('CORRUPT_FILE', {
      file,
      expected: 'a complete compressed stream',
      got: 'its end in the middle',
      advice: 'fetch the file again',
      cause: error,
    });
  }
  if (code.startsWith('Z_') || code.startsWith('ERR_')) {
    return fileError('CORRUPT_FILE', {
      file,
      expected: 'a valid compressed stream',
      got: (error as Error).message,
      advice: 'fetch the file again',
      cause: error,
    });
  }
  return error as Error;
}
