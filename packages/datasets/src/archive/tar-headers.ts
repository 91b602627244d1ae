import { Header, type HeaderData, Pax } from 'tar';
import type { DatasetError } from '../errors.ts';
import { checkEntryName, refuseKind } from './entry-name.ts';
import { archiveError } from './errors.ts';

export const TAR_BLOCK = 512;

/** Longest extended header (pax, GNU long name) that is read. */
const MAX_EXTENDED = 2 ** 20;

/** What follows in a tar: a file, or nothing of interest, with the size of its data. */
export interface TarMember {
  /** Name in normal form of a regular file; undefined for everything that only has to be skipped. */
  readonly file: string | undefined;
  readonly size: number;
}

/**
 * Reads the headers of a tar one after the other; the blocks are handed in, so that files and streams share it.
 * Header and pax fields are decoded by `tar` (node-tar).
 */
export class TarHeaders {
  readonly #archive: string;
  #extended: HeaderData | undefined;
  #global: HeaderData | undefined;

  constructor(archive: string) {
    this.#archive = archive;
  }

  /** Bytes of data that must be handed to `next` with the header, because they are part of it. */
  extendedSize(block: Uint8Array): number {
    const header = this.#decode(block);
    if (header === undefined || !isExtended(header.type)) return 0;
    const size = header.size ?? 0;
    if (size >= 0 && size <= MAX_EXTENDED) return size;
    throw this.#corrupt(header.path, `an extended header of at most ${MAX_EXTENDED} bytes`, `${size}`);
  }

  /** The member that a header begins; `undefined` for the block of zeros at the end. */
  next(block: Uint8Array, extended: Uint8Array): TarMember | undefined {
    const header = this.#decode(block);
    if (header === undefined) return undefined;
    if (isExtended(header.type)) {
      this.#remember(header, extended);
      return { file: undefined, size: 0 };
    }
    this.#extended = undefined;
    const path = header.path ?? '';
    const size = header.size ?? 0;
    // Also of what is only skipped: a negative size would lead back.
    if (!Number.isSafeInteger(size) || size < 0) throw this.#corrupt(path, 'a size', String(size));
    switch (header.type) {
      case 'File':
      case 'OldFile':
      case 'ContiguousFile':
        return { file: checkEntryName(this.#archive, path), size };
      case 'Directory':
      case 'GNUDumpDir':
        checkEntryName(this.#archive, path);
        return { file: undefined, size };
      default:
        return refuseKind(this.#archive, path, KINDS[header.type] ?? `member of type ${header.type}`);
    }
  }

  #decode(block: Uint8Array): Header | undefined {
    let header: Header;
    try {
      // Extended fields describe the next file, not an extended header that comes before it.
      header = new Header(Buffer.from(block), 0);
      if (!header.nullBlock && !isExtended(header.type) && (this.#extended ?? this.#global) !== undefined) {
        header = new Header(Buffer.from(block), 0, this.#extended, this.#global);
      }
    } catch (error) {
      throw this.#corrupt(undefined, 'a tar header', (error as Error).message);
    }
    if (header.nullBlock) return undefined;
    if (!header.cksumValid) throw this.#corrupt(header.path, 'a tar header', 'one with a wrong checksum');
    return header;
  }

  #remember(header: Header, extended: Uint8Array): void {
    const text = Buffer.from(extended).toString('utf8');
    try {
      if (header.type === 'ExtendedHeader' || header.type === 'OldExtendedHeader')
        this.#extended = Pax.parse(text, this.#extended, false);
      else if (header.type === 'GlobalExtendedHeader') this.#global = Pax.parse(text, this.#global, true);
      else {
        const name = text.split('\0', 1)[0]!;
        const field = header.type === 'NextFileHasLongLinkpath' ? 'linkpath' : 'path';
        this.#extended = { ...this.#extended, [field]: name };
      }
    } catch (error) {
      throw this.#corrupt(header.path, 'a tar extended header', (error as Error).message);
    }
  }

  #corrupt(entry: string | undefined, expected: string, got: string): DatasetError {
    return archiveError('CORRUPT_FILE', {
      archive: this.#archive,
      ...(entry === undefined ? {} : { entry }),
      expected,
      got,
      advice: 'fetch the archive again',
    });
  }
}

const KINDS: Readonly<Record<string, string>> = {
  Link: 'hard link',
  SymbolicLink: 'symbolic link',
  CharacterDevice: 'device',
  BlockDevice: 'device',
  FIFO: 'pipe',
};

function isExtended(type: string): boolean {
  return (
    type === 'ExtendedHeader' ||
    type === 'OldExtendedHeader' ||
    type === 'GlobalExtendedHeader' ||
    type === 'NextFileHasLongPath' ||
    type === 'OldGnuLongPath' ||
    type === 'NextFileHasLongLinkpath'
  );
}
