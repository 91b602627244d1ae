import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { withLock } from '@ood/core/node';
import { atPath } from '../bytes/file-error.ts';
import { type Checksums, checksumFile, firstDifference } from '../download/checksum.ts';
import type { Clock } from '../download/clock.ts';
import { type DownloadOptions, type DownloadProgress, downloadFile } from '../download/download-file.ts';
import { cacheFolder, type Env, folderVariable, isOffline } from '../download/folders.ts';
import { type Fetch, proxyFetch } from '../download/proxy-fetch.ts';
import { DatasetError } from '../errors.ts';
import { type CatalogEntry, type CatalogFile, hasChecksum } from './entry.ts';
import { type Pin, readPins, writePins } from './pins.ts';

export interface StoreOptions {
  /** Environment: `OOD_HOME`, `XDG_CACHE_HOME`, `OOD_OFFLINE`, `OOD_DATASET_…`, proxies. Default: the process's. */
  readonly env?: Env;
  /** Folder of all data. Default: `datasets` in the cache folder of the environment. */
  readonly root?: string;
  readonly offline?: boolean;
  /** Default: Node's, through the proxies of the environment. */
  readonly fetch?: Fetch;
  readonly clock?: Clock;
  readonly download?: Pick<DownloadOptions, 'retries' | 'backoffMs' | 'stallMs' | 'maxBytes'>;
}

export interface EnsureOptions {
  /** Only the files of this split. Default: of all splits. */
  readonly split?: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: DownloadProgress & { readonly file: string }) => void;
  readonly onWait?: (holder: { readonly pid: number; readonly host: string }) => void;
}

/** State of a file of a data set on this machine. */
export interface FileStatus {
  readonly file: CatalogFile;
  readonly path: string;
  /** `missing`; `partial` (can be resumed); `present` (not read since it was put there); `verified`. */
  readonly state: 'missing' | 'partial' | 'present' | 'verified';
  readonly bytes: number;
}

export interface VerifiedFile {
  readonly file: CatalogFile;
  readonly path: string;
  readonly checksums: Checksums;
  /** What it was compared with: a published checksum, or the pin of its first use (`first use`: just now). */
  readonly against: 'catalog' | 'pin' | 'first use';
}

/** The data folder of this machine. One folder a data set: its files as downloaded, and their pinned checksums. */
export class Store {
  readonly root: string;
  readonly offline: boolean;
  readonly #env: Env;
  readonly #options: StoreOptions;

  constructor(options: StoreOptions = {}) {
    this.#env = options.env ?? process.env;
    this.#options = options;
    this.root = options.root ?? join(cacheFolder(this.#env), 'datasets');
    this.offline = options.offline ?? isOffline(this.#env);
  }

  /** Folder of a data set: the user's own (`OOD_DATASET_<NAME>`), else one below the root. */
  folder(entry: CatalogEntry): string {
    return this.#env[folderVariable(entry.name)] || join(this.root, entry.name);
  }

  /** Folder of what this store knows of a data set: never the user's own, which may be read-only. */
  #records(entry: CatalogEntry): string {
    return join(this.root, entry.name);
  }

  path(entry: CatalogEntry, file: CatalogFile): string {
    return join(this.folder(entry), file.name);
  }

  /** What is there of a data set; reads no content. */
  async status(entry: CatalogEntry): Promise<FileStatus[]> {
    const pins = await readPins(this.#records(entry));
    return Promise.all(
      entry.files.map(async file => {
        const path = this.path(entry, file);
        const there = await stat(path).catch(() => undefined);
        const part =
          there === undefined ? await stat(`${path}.incomplete`).catch(() => undefined) : undefined;
        const fresh = there !== undefined && isFresh(pins[file.name], there);
        const state = fresh
          ? 'verified'
          : there !== undefined
            ? 'present'
            : part === undefined
              ? 'missing'
              : 'partial';
        return { file, path, state, bytes: (there ?? part)?.size ?? 0 };
      }),
    );
  }

  /**
   * Makes sure that a data set's files are there and are what they should be, downloading what is missing. Files that
   * are there are read again only when they changed since they were verified.
   *
   * @throws DatasetError; `OFFLINE` names what is missing.
   */
  async ensure(entry: CatalogEntry, options: EnsureOptions = {}): Promise<VerifiedFile[]> {
    const files = filesOf(entry, options.split);
    return this.#locked(entry, options, async signal => {
      const verified: VerifiedFile[] = [];
      for (const file of files) verified.push(await this.#ensureFile(entry, file, { ...options, signal }));
      return verified;
    });
  }

  /** Reads every file that is there and compares it. @throws DatasetError `CHECKSUM_MISMATCH` naming the first wrong one. */
  async verify(entry: CatalogEntry, options: EnsureOptions = {}): Promise<VerifiedFile[]> {
    return this.#locked(entry, options, async signal => {
      const verified: VerifiedFile[] = [];
      for (const file of filesOf(entry, options.split)) {
        if ((await stat(this.path(entry, file)).catch(() => undefined)) === undefined) continue;
        verified.push(await this.#verifyFile(entry, file, { ...options, signal }));
      }
      return verified;
    });
  }

  async #locked<T>(
    entry: CatalogEntry,
    { signal, onWait }: EnsureOptions,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const folder = this.#records(entry);
    const advice = 'check the path, or choose another folder (OOD_HOME)';
    await atPath(folder, 'a folder to write in', () => mkdir(folder, { recursive: true }), advice);
    return withLock(join(folder, '.lock'), work, { signal, onWait, now: this.#options.clock?.now });
  }

  async #ensureFile(entry: CatalogEntry, file: CatalogFile, options: EnsureOptions): Promise<VerifiedFile> {
    const path = this.path(entry, file);
    const pin = (await readPins(this.#records(entry)))[file.name];
    const there = await stat(path).catch(() => undefined);
    if (there === undefined) return this.#download(entry, file, options);
    if (pin === undefined || !isFresh(pin, there)) return this.#verifyFile(entry, file, options);
    return { file, path, checksums: pin, against: pin.origin === 'first use' ? 'pin' : 'catalog' };
  }

  async #download(entry: CatalogEntry, file: CatalogFile, options: EnsureOptions): Promise<VerifiedFile> {
    const path = this.path(entry, file);
    if (this.offline) {
      throw new DatasetError('OFFLINE', {
        where: entry.name,
        expected: `${path}`,
        got: 'no such file, and offline mode is on',
        advice: `unset OOD_OFFLINE, or put the file there by hand (from ${file.urls[0]})`,
      });
    }
    const pin = (await readPins(this.#records(entry)))[file.name];
    const { signal, onProgress } = options;
    const checksums = await downloadFile(pin === undefined ? file : { ...file, ...checksumsOf(pin) }, path, {
      fetch: this.#options.fetch ?? (await proxyFetch(this.#env)),
      ...this.#options.download,
      signal,
      onProgress: progress => onProgress?.({ ...progress, file: file.name }),
      clock: this.#options.clock,
    });
    return this.#pin(entry, file, checksums, pin);
  }

  async #verifyFile(entry: CatalogEntry, file: CatalogFile, options: EnsureOptions): Promise<VerifiedFile> {
    const path = this.path(entry, file);
    const pin = (await readPins(this.#records(entry)))[file.name];
    const { signal, onProgress } = options;
    const checksums = await checksumFile(path, {
      signal,
      onProgress: done =>
        onProgress?.({ stage: 'verify', file: file.name, url: path, done, total: file.bytes ?? pin?.bytes }),
    });
    const published = firstDifference(file, checksums);
    const difference = published ?? (pin && firstDifference(checksumsOf(pin), checksums));
    if (difference === undefined) return this.#pin(entry, file, checksums, pin);
    const record = join(this.#records(entry), 'checksums.json');
    const pinned = published === undefined ? ` (${record} holds what came first)` : '';
    throw new DatasetError('CHECKSUM_MISMATCH', {
      where: path,
      expected: `${difference.field} ${difference.expected}`,
      got: difference.actual,
      advice: `the file was damaged or replaced: delete it and download it again${pinned}`,
    });
  }

  async #pin(
    entry: CatalogEntry,
    file: CatalogFile,
    checksums: Checksums,
    pin: Pin | undefined,
  ): Promise<VerifiedFile> {
    const path = this.path(entry, file);
    const { mtimeMs } = await stat(path);
    const origin = hasChecksum(file) ? 'catalog' : 'first use';
    const folder = this.#records(entry);
    await writePins(folder, { ...(await readPins(folder)), [file.name]: { ...checksums, origin, mtimeMs } });
    const against = hasChecksum(file) ? 'catalog' : pin === undefined ? 'first use' : 'pin';
    return { file, path, checksums, against };
  }
}

/** The files that a split needs: those that name it or name none. */
function filesOf(entry: CatalogEntry, split: string | undefined): readonly CatalogFile[] {
  return entry.files.filter(file => split === undefined || file.split === undefined || file.split === split);
}

function isFresh(pin: Pin | undefined, { size, mtimeMs }: { size: number; mtimeMs: number }): boolean {
  return pin !== undefined && pin.bytes === size && pin.mtimeMs === mtimeMs;
}

function checksumsOf({ bytes, md5, sha256 }: Pin): Checksums {
  return { bytes, md5, sha256 };
}
