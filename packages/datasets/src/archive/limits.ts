import { archiveError } from './errors.ts';

/** What an archive may ask of the reader. The defaults admit every data set of the catalog. */
export interface ArchiveLimits {
  /** Most members. Default: 2,000,000. */
  readonly maxEntries?: number;
  /** Most bytes of one member. Default: 256 MiB. */
  readonly maxEntryBytes?: number;
  /** Most bytes of all members together. Default: 1 TiB. */
  readonly maxTotalBytes?: number;
  /** Largest ratio of unpacked to packed size, of a member and of the whole, beyond the first 16 MiB. Default: 300. */
  readonly maxRatio?: number;
}

export type ResolvedLimits = Required<ArchiveLimits>;

export function resolveLimits(limits: ArchiveLimits = {}): ResolvedLimits {
  return {
    maxEntries: limits.maxEntries ?? 2_000_000,
    maxEntryBytes: limits.maxEntryBytes ?? 256 * 2 ** 20,
    maxTotalBytes: limits.maxTotalBytes ?? 2 ** 40,
    maxRatio: limits.maxRatio ?? 300,
  };
}

/** Below this many unpacked bytes the ratio is not looked at. */
const RATIO_FREE_BYTES = 16 * 2 ** 20;

/** Counts members and bytes while an archive is listed, and refuses it as soon as a limit is passed. */
export class LimitCounter {
  readonly #archive: string;
  readonly #packedBytes: number;
  readonly #limits: ResolvedLimits;
  #entries = 0;
  #bytes = 0;

  constructor(archive: string, packedBytes: number, limits: ResolvedLimits) {
    this.#archive = archive;
    this.#packedBytes = packedBytes;
    this.#limits = limits;
  }

  add(entry: string, size: number, packedSize = size): void {
    const { maxEntries, maxEntryBytes, maxTotalBytes, maxRatio } = this.#limits;
    this.#entries += 1;
    this.#bytes += size;
    if (this.#entries > maxEntries) this.#refuse(entry, `at most ${maxEntries} entries`, 'more');
    if (size > maxEntryBytes) this.#refuse(entry, `at most ${maxEntryBytes} bytes in an entry`, `${size}`);
    if (this.#bytes > maxTotalBytes)
      this.#refuse(entry, `at most ${maxTotalBytes} bytes in all`, `${this.#bytes}`);
    if (size > RATIO_FREE_BYTES && size > maxRatio * packedSize) {
      this.#refuse(entry, `a ratio of at most ${maxRatio}`, `${Math.round(size / Math.max(1, packedSize))}`);
    }
    if (this.#bytes > RATIO_FREE_BYTES && this.#bytes > maxRatio * this.#packedBytes) {
      this.#refuse(entry, `a ratio of at most ${maxRatio}`, `${Math.round(this.#bytes / this.#packedBytes)}`);
    }
  }

  #refuse(entry: string, expected: string, got: string): never {
    throw archiveError('TOO_LARGE', {
      archive: this.#archive,
      entry,
      expected,
      got,
      advice: 'if you trust the archive, raise this limit',
    });
  }
}
