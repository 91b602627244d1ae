import { type ByteSource, sliceSource } from '../bytes/byte-source.ts';
import type { DatasetError } from '../errors.ts';
import type { Archive, ArchiveEntry } from './archive.ts';
import { archiveError } from './errors.ts';
import { LimitCounter, type ResolvedLimits } from './limits.ts';
import { TAR_BLOCK, TarHeaders } from './tar-headers.ts';

interface TarEntry extends ArchiveEntry {
  readonly offset: number;
}

/** Whether the source begins like a tar: a header whose checksum is right. */
export async function isTar(source: ByteSource): Promise<boolean> {
  if (source.size < TAR_BLOCK) return false;
  const block = await source.read(0, TAR_BLOCK);
  const stored = Number.parseInt(Buffer.from(block.subarray(148, 156)).toString('latin1').trim(), 8);
  let sum = 8 * 32;
  for (let i = 0; i < TAR_BLOCK; i++) if (i < 148 || i >= 156) sum += block[i]!;
  return sum === stored;
}

/** Lists an uncompressed tar by its headers alone; entries are then read where they lie. */
export async function openTar(source: ByteSource, limits: ResolvedLimits): Promise<Archive> {
  const entries: TarEntry[] = [];
  const seen = new Set<string>();
  const counter = new LimitCounter(source.name, source.size, limits);
  const headers = new TarHeaders(source.name);
  const read = async (offset: number, length: number) => {
    if (offset + length > source.size) throw truncated(source, offset, length);
    return source.read(offset, length);
  };
  let offset = 0;
  while (offset < source.size) {
    const block = await read(offset, TAR_BLOCK);
    const extendedSize = headers.extendedSize(block);
    const extended = await read(offset + TAR_BLOCK, extendedSize);
    const member = headers.next(block, extended);
    if (member === undefined) break;
    const start = offset + TAR_BLOCK + padded(extendedSize);
    offset = start + padded(member.size);
    if (start + member.size > source.size) throw truncated(source, start, member.size, member.file);
    if (member.file === undefined) continue;
    counter.add(member.file, member.size);
    refuseDuplicate(source.name, member.file, seen);
    entries.push({ name: member.file, size: member.size, offset: start });
  }
  const readEntry = (index: number) => {
    const entry = entries[index]!;
    return sliceSource(source, entry.offset, entry.size, `${source.name}!${entry.name}`).read(0, entry.size);
  };
  return {
    name: source.name,
    entries,
    randomAccess: true,
    read: readEntry,
    async *stream(wanted) {
      for (let index = 0; index < entries.length; index++) {
        if (wanted(index)) yield { index, bytes: await readEntry(index) };
      }
    },
  };
}

/** Adds `name` to `seen`. @throws DatasetError `DUPLICATE_ENTRY` where it is there already. */
export function refuseDuplicate(archive: string, name: string, seen: Set<string>): void {
  if (seen.has(name)) {
    throw archiveError('DUPLICATE_ENTRY', {
      archive,
      entry: name,
      expected: 'each name once',
      got: 'this one twice',
      advice: 'repack the archive',
    });
  }
  seen.add(name);
}

/** Bytes that `size` bytes of data take in a tar. */
export function padded(size: number): number {
  return Math.ceil(size / TAR_BLOCK) * TAR_BLOCK;
}

function truncated(source: ByteSource, offset: number, length: number, entry?: string): DatasetError {
  return archiveError('CORRUPT_FILE', {
    archive: source.name,
    ...(entry === undefined ? {} : { entry }),
    expected: `${length} bytes at ${offset}`,
    got: `${Math.max(0, source.size - offset)}`,
    advice: 'fetch the archive again',
  });
}
