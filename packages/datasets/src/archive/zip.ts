import { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { isOodError } from '@ood/core';
import { type Entry, fromRandomAccessReaderPromise, getFileNameLowLevel, RandomAccessReader } from 'yauzl';
import type { ByteSource } from '../bytes/byte-source.ts';
import { chunksOf, joinChunks } from '../bytes/gunzip.ts';
import { DatasetError } from '../errors.ts';
import type { Archive } from './archive.ts';
import { checkEntryName, refuseKind } from './entry-name.ts';
import { archiveError } from './errors.ts';
import { LimitCounter, type ResolvedLimits } from './limits.ts';
import { refuseDuplicate } from './tar.ts';

const SYMBOLIC_LINK = 0o120000;
const FILE_KIND = 0o170000;

/** Whether the source begins like a zip (also an empty one). */
export async function isZip(source: ByteSource): Promise<boolean> {
  if (source.size < 22) return false;
  const [p, k, a, b] = await source.read(0, 4);
  return p === 0x50 && k === 0x4b && ((a === 3 && b === 4) || (a === 5 && b === 6));
}

/** Lists a zip by its central directory (yauzl); entries are then read where they lie and their CRC-32 checked. */
export async function openZip(source: ByteSource, limits: ResolvedLimits): Promise<Archive> {
  const zip = await guard(source.name, undefined, () =>
    fromRandomAccessReaderPromise(new SourceReader(source), source.size, {
      lazyEntries: true,
      autoClose: false,
      decodeStrings: false,
    }),
  );
  zip.on('error', () => {});
  const counter = new LimitCounter(source.name, source.size, limits);
  if (zip.entryCount > limits.maxEntries) {
    throw archiveError('TOO_LARGE', {
      archive: source.name,
      expected: `at most ${limits.maxEntries} entries`,
      got: `${zip.entryCount}`,
      advice: 'if you trust the archive, raise this limit',
    });
  }
  const entries: { name: string; size: number; entry: Entry }[] = [];
  const seen = new Set<string>();
  await guard(source.name, undefined, async () => {
    for await (const entry of zip.eachEntry()) {
      const raw = getFileNameLowLevel(
        entry.generalPurposeBitFlag,
        entry.fileNameRaw,
        entry.extraFields,
        true,
      );
      const name = checkEntryName(source.name, raw);
      if (name === undefined || raw.endsWith('/')) continue;
      // The upper half holds the Unix mode; no other system can store a link.
      const kind = (entry.externalFileAttributes >>> 16) & FILE_KIND;
      if (kind === SYMBOLIC_LINK) refuseKind(source.name, name, 'symbolic link');
      if (entry.isEncrypted()) refuseKind(source.name, name, 'encrypted entry');
      counter.add(name, entry.uncompressedSize, entry.compressedSize);
      refuseDuplicate(source.name, name, seen);
      entries.push({ name, size: entry.uncompressedSize, entry });
    }
  });
  const read = (index: number) => {
    const { name, entry } = entries[index]!;
    return guard(source.name, name, async () => {
      const stream = await zip.openReadStreamPromise(entry);
      const chunks: Uint8Array[] = [];
      let sum = 0;
      for await (const chunk of stream as AsyncIterable<Uint8Array>) {
        sum = crc32(chunk, sum);
        chunks.push(chunk);
      }
      if (sum === entry.crc32) return joinChunks(chunks);
      throw archiveError('CORRUPT_FILE', {
        archive: source.name,
        entry: name,
        expected: `CRC-32 ${entry.crc32.toString(16)}`,
        got: sum.toString(16),
        advice: 'fetch the archive again',
      });
    });
  };
  return {
    name: source.name,
    entries,
    randomAccess: true,
    read,
    async *stream(wanted) {
      for (let index = 0; index < entries.length; index++)
        if (wanted(index)) yield { index, bytes: await read(index) };
    },
  };
}

class SourceReader extends RandomAccessReader {
  readonly #source: ByteSource;

  constructor(source: ByteSource) {
    super();
    this.#source = source;
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from(chunksOf(this.#source, start, end), { objectMode: false });
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    done: (e: Error | null) => void,
  ): void {
    this.#source.read(position, length).then(
      bytes => {
        buffer.set(bytes, offset);
        done(null);
      },
      (error: Error) => done(error),
    );
  }
}

/** Runs yauzl; what it throws becomes a DatasetError. */
async function guard<T>(archive: string, entry: string | undefined, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    // What the source found wrong is told of the archive.
    const ofSource = error instanceof DatasetError && error.details.archive === undefined;
    if (isOodError(error) && !ofSource) throw error;
    const unsupported = error instanceof Error && /unsupported|not supported|encrypted/i.test(error.message);
    throw archiveError(unsupported ? 'UNSUPPORTED' : 'CORRUPT_FILE', {
      archive,
      ...(entry === undefined ? {} : { entry }),
      expected: 'a valid zip',
      got: error instanceof DatasetError ? error.got : (error as Error).message,
      advice: 'fetch the archive again',
      cause: error,
    });
  }
}
