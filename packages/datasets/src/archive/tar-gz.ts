import type { ByteSource } from '../bytes/byte-source.ts';
import { inflateChunks } from '../bytes/gunzip.ts';
import { DatasetError } from '../errors.ts';
import type { Archive, ArchiveEntry } from './archive.ts';
import { archiveError } from './errors.ts';
import { LimitCounter, type ResolvedLimits } from './limits.ts';
import { padded, refuseDuplicate } from './tar.ts';
import { TAR_BLOCK, TarHeaders, type TarMember } from './tar-headers.ts';

/** Lists a tar.gz in one pass over it; entries are then read in passes, in their order. */
export async function openTarGz(source: ByteSource, limits: ResolvedLimits): Promise<Archive> {
  const entries: ArchiveEntry[] = [];
  const seen = new Set<string>();
  const counter = new LimitCounter(source.name, source.size, limits);
  for await (const member of walk(source, limits, () => false)) {
    counter.add(member.file, member.size);
    refuseDuplicate(source.name, member.file, seen);
    entries.push({ name: member.file, size: member.size });
  }
  const stream: Archive['stream'] = async function* (wanted) {
    let last = -1;
    for (let index = 0; index < entries.length; index++) if (wanted(index)) last = index;
    if (last < 0) return;
    for await (const { index, bytes } of walk(source, limits, wanted)) {
      if (wanted(index)) yield { index, bytes };
      if (index >= last) return;
    }
  };
  return {
    name: source.name,
    entries,
    randomAccess: false,
    async read(index) {
      for await (const { bytes } of stream(i => i === index)) return bytes;
      return new Uint8Array();
    },
    stream,
  };
}

async function* walk(source: ByteSource, limits: ResolvedLimits, wanted: (index: number) => boolean) {
  const pull = new Puller(source, limits);
  const headers = new TarHeaders(source.name);
  try {
    for (let index = 0; ; ) {
      const block = await pull.take(TAR_BLOCK);
      if (block === undefined) return;
      const extendedSize = headers.extendedSize(block);
      const extended = await pull.take(padded(extendedSize));
      if (extended === undefined) throw truncated(source);
      const member: TarMember | undefined = headers.next(block, extended.subarray(0, extendedSize));
      if (member === undefined) return await pull.finish();
      if (member.file === undefined) {
        await pull.skip(padded(member.size));
        continue;
      }
      if (member.size > limits.maxEntryBytes) {
        new LimitCounter(source.name, source.size, limits).add(member.file, member.size);
      }
      let bytes: Uint8Array = new Uint8Array();
      if (wanted(index)) bytes = (await pull.take(padded(member.size)))?.subarray(0, member.size) ?? bytes;
      else await pull.skip(padded(member.size));
      yield { index: index++, file: member.file, size: member.size, bytes };
    }
  } catch (error) {
    throw asArchiveError(source.name, error);
  } finally {
    await pull.close();
  }
}

/** Takes exact numbers of bytes out of the decompressed stream. */
class Puller {
  readonly #source: ByteSource;
  readonly #chunks: AsyncGenerator<Uint8Array>;
  #held: Uint8Array = new Uint8Array();

  constructor(source: ByteSource, limits: ResolvedLimits) {
    this.#source = source;
    this.#chunks = inflateChunks(source, 'gzip', {
      maxBytes: limits.maxTotalBytes,
      maxRatio: limits.maxRatio,
    });
  }

  /** `size` bytes, or undefined where the stream has ended before the first of them. */
  async take(size: number): Promise<Uint8Array | undefined> {
    if (this.#held.length >= size) {
      const bytes = this.#held.subarray(0, size);
      this.#held = this.#held.subarray(size);
      return bytes;
    }
    const parts: Uint8Array[] = [];
    let have = 0;
    while (have < size) {
      if (this.#held.length === 0 && !(await this.#refill())) {
        if (have === 0) return undefined;
        throw truncated(this.#source);
      }
      const part = this.#held.subarray(0, size - have);
      this.#held = this.#held.subarray(part.length);
      parts.push(part);
      have += part.length;
    }
    return Buffer.concat(parts);
  }

  async skip(size: number): Promise<void> {
    let left = size;
    while (left > 0) {
      if (this.#held.length === 0 && !(await this.#refill())) throw truncated(this.#source);
      const step = Math.min(left, this.#held.length);
      this.#held = this.#held.subarray(step);
      left -= step;
    }
  }

  /** Reads to the end, so that the checksum of the compressed stream is verified. */
  async finish(): Promise<void> {
    while (await this.#refill());
  }

  async close(): Promise<void> {
    await this.#chunks.return(undefined);
  }

  async #refill(): Promise<boolean> {
    const next = await this.#chunks.next();
    this.#held = next.done === true ? new Uint8Array() : next.value;
    return next.done !== true;
  }
}

function truncated(source: ByteSource): DatasetError {
  return archiveError('CORRUPT_FILE', {
    archive: source.name,
    expected: 'a complete tar inside the gzip stream',
    got: 'its end in the middle',
    advice: 'fetch the archive again',
  });
}

/** What the decompressor found wrong, told of the archive. */
function asArchiveError(archive: string, error: unknown): unknown {
  if (!(error instanceof DatasetError) || error.details.archive !== undefined) return error;
  const { code, expected, got, advice } = error;
  return archiveError(code, { archive, expected, got, advice, cause: error });
}
