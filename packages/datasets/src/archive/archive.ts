import { archiveError } from './errors.ts';

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
  /** Content of entry `index`. @throws DatasetError `CORRUPT_FILE` where its checksum is wrong. */
  read(index: number): Promise<Uint8Array>;
  /** Contents of the entries that `wanted` admits, in the order of the archive, in one pass. */
  stream(
    wanted: (index: number) => boolean,
  ): AsyncGenerator<{ readonly index: number; readonly bytes: Uint8Array }>;
}

/** Index of an entry. @throws DatasetError `MISSING_ENTRY`. */
export function findEntry(archive: Archive, name: string): number {
  const index = archive.entries.findIndex(entry => entry.name === name);
  if (index >= 0) return index;
  throw archiveError('MISSING_ENTRY', {
    archive: archive.name,
    entry: name,
    expected: 'this entry',
    got: `${archive.entries.length} others`,
    advice: 'check that this is the right archive',
  });
}
