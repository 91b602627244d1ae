import { type BytesInput, openBytes } from '../bytes/byte-source.ts';
import { isGzip } from '../bytes/gunzip.ts';
import { ArchiveError } from './errors.ts';
import { type ArchiveLimits, resolveLimits } from './limits.ts';
import { isTar, openTar } from './tar.ts';
import { openTarGz } from './tar-gz.ts';
import { isZip, openZip } from './zip.ts';

/** A file inside an archive. */
export interface ArchiveEntry {
  /** Path inside the archive in normal form, unique in it. */
  readonly name: string;
  /** Unpacked size in bytes. */
  readonly size: number;
}

/** An archive read where it lies. Every entry has been checked; links, unsafe names and bombs were refused. */
export interface Archive {
  readonly name: string;
  /** Files, in the order of the archive. Folders are left out. */
  readonly entries: readonly ArchiveEntry[];
  /** Whether `read` is cheap for any entry (tar, zip), or only `stream` is there (tar.gz). */
  readonly randomAccess: boolean;
  /** Content of entry `index`. @throws ArchiveError `CORRUPT_ARCHIVE` where its checksum is wrong. */
  read(index: number): Promise<Uint8Array>;
  /** Contents of the entries that `wanted` admits, in the order of the archive, in one pass. */
  stream(
    wanted: (index: number) => boolean,
  ): AsyncGenerator<{ readonly index: number; readonly bytes: Uint8Array }>;
}

/**
 * Opens a tar, tar.gz or zip, known by its content, not by its name. Listing a tar.gz decompresses it once.
 *
 * @throws ArchiveError where it is none of these, is damaged, or is refused; the message names the entry.
 */
export async function openArchive(input: BytesInput, options: ArchiveLimits = {}): Promise<Archive> {
  const source = await openBytes(input);
  const limits = resolveLimits(options);
  if (await isZip(source)) return openZip(source, limits);
  if (await isGzip(source)) return openTarGz(source, limits);
  if (await isTar(source)) return openTar(source, limits);
  throw new ArchiveError('UNSUPPORTED_ARCHIVE', {
    archive: source.name,
    expected: 'a tar, tar.gz or zip file',
    received: 'something else',
    advice: 'unpack it yourself and give the folder',
  });
}

/** Index of an entry. @throws ArchiveError `MISSING_ENTRY`. */
export function findEntry(archive: Archive, name: string): number {
  const index = archive.entries.findIndex(entry => entry.name === name);
  if (index >= 0) return index;
  throw new ArchiveError('MISSING_ENTRY', {
    archive: archive.name,
    entry: name,
    expected: 'this entry',
    received: `${archive.entries.length} others`,
    advice: 'check that this is the right archive',
  });
}
