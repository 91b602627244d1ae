import { mkdir, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { withLock } from '@ood/core/node';
import { atPath } from '../bytes/file-error.ts';
import { DatasetError } from '../errors.ts';
import { type Checksums, checksumFile, type Expected, firstDifference } from './checksum.ts';
import { type Clock, systemClock } from './clock.ts';
import { type DownloadFailure, downloadError, downloadFailureOf } from './errors.ts';
import { fetchPart } from './fetch-part.ts';
import { type FileFormat, looksLike } from './file-format.ts';
import { PartialFile } from './partial-file.ts';
import { type Fetch, proxyFetch } from './proxy-fetch.ts';

/** A file on the web: where it is, and what is known of it. */
export interface RemoteFile extends Expected {
  /** Addresses of the same bytes, best first. */
  readonly urls: readonly string[];
  readonly format?: FileFormat;
}

export interface DownloadProgress {
  readonly stage: 'download' | 'verify' | 'retry';
  readonly url: string;
  readonly done: number;
  readonly total: number | undefined;
  /** Why it is tried again. */
  readonly reason?: string;
}

export interface DownloadOptions {
  /** Default: Node's, through the proxies of the process's environment. */
  readonly fetch?: Fetch;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: DownloadProgress) => void;
  /** Failures in a row, without a new byte between them, after which it gives up. Default: 5. */
  readonly retries?: number;
  /** First pause between attempts; it doubles up to 30 s. A longer `Retry-After` (up to 5 min) is honoured. Default: 500 ms. */
  readonly backoffMs?: number;
  /** Longest time without a byte. Default: 30,000 ms. */
  readonly stallMs?: number;
  /** Most bytes where the size is not known. Default: 1 TiB. */
  readonly maxBytes?: number;
  readonly clock?: Clock;
}

/** A server that always sends a few bytes and dies must not keep us for ever. */
const MAX_ATTEMPTS = 200;

/**
 * Downloads a file to `target`, resuming what an earlier run left, and verifies it before it gets its name: size,
 * checksums where they are known, and the beginning of its format. A file that fails is deleted; if it was joined from
 * several responses it is fetched anew, else the next address is tried.
 *
 * @throws CoreError of the file system; DatasetError: `INVALID_OPTION`, `CHECKSUM_MISMATCH`, `SIZE_MISMATCH`, `HTTP_STATUS`, `STALLED`, `NETWORK`, …
 */
export async function downloadFile(
  file: RemoteFile,
  target: string,
  given: DownloadOptions = {},
): Promise<Checksums> {
  requireAddresses(file, target);
  const options = { ...given, fetch: given.fetch ?? (await proxyFetch(process.env)) };
  await atPath(dirname(target), 'a folder to write in', () => mkdir(dirname(target), { recursive: true }));
  const partial = new PartialFile(target);
  // Two processes that append to one partial file would join what neither asked for.
  return withLock(
    `${partial.path}.lock`,
    signal => receiveWhole(file, target, partial, { ...options, signal }),
    {
      signal: given.signal,
      now: given.clock?.now,
      where: target,
    },
  );
}

async function receiveWhole(
  file: RemoteFile,
  target: string,
  partial: PartialFile,
  options: DownloadOptions & { readonly fetch: Fetch },
): Promise<Checksums> {
  const urls = [...file.urls];
  let failures = 0;
  for (let attempt = 0, at = 0; ; attempt++) {
    options.signal?.throwIfAborted();
    const url = urls[at % urls.length]!;
    const before = (await partial.resume())?.bytes ?? 0;
    try {
      await receive(file, url, partial, options);
      const checksums = await verify(file, url, partial, { ...options, resumed: before > 0 });
      await rename(partial.path, target);
      await partial.forget();
      return checksums;
    } catch (error) {
      const failure = downloadFailureOf(error);
      if (failure === undefined) throw error;
      const after = (await partial.resume())?.bytes ?? 0;
      failures = after > before ? 1 : failures + 1;
      if (!failure.transient) urls.splice(at % urls.length, 1);
      else at += 1;
      if (urls.length === 0 || failures > (options.retries ?? 5) || attempt >= MAX_ATTEMPTS) throw error;
      const reason = (error as Error).message;
      options.onProgress?.({ stage: 'retry', url, done: after, total: file.bytes, reason });
      await pause(failure, failures, options);
    }
  }
}

async function receive(
  file: RemoteFile,
  url: string,
  partial: PartialFile,
  options: DownloadOptions & { readonly fetch: Fetch },
): Promise<void> {
  const held = await partial.resume();
  if (held !== undefined && held.bytes === file.bytes) return;
  await fetchPart(url, partial, {
    fetch: options.fetch,
    bytes: file.bytes,
    hasChecksum: file.sha256 !== undefined || file.md5 !== undefined,
    stallMs: options.stallMs ?? 30_000,
    maxBytes: options.maxBytes ?? 2 ** 40,
    signal: options.signal,
    onBytes: (done, total) =>
      options.onProgress?.({ stage: 'download', url, done, total: total ?? file.bytes }),
  });
}

async function verify(
  file: RemoteFile,
  url: string,
  partial: PartialFile,
  options: DownloadOptions & { readonly resumed: boolean },
): Promise<Checksums> {
  const actual = await checksumFile(partial.path, {
    signal: options.signal,
    onProgress: done => options.onProgress?.({ stage: 'verify', url, done, total: file.bytes }),
  });
  const difference = firstDifference(file, actual);
  const format = file.format;
  if (difference === undefined && (format === undefined || (await looksLike(partial.path, format))))
    return actual;
  await partial.discard();
  throw downloadError(difference === undefined ? 'NOT_THE_FILE' : 'CHECKSUM_MISMATCH', url, {
    expected: difference === undefined ? `a ${format} file` : `${difference.field} ${difference.expected}`,
    got: difference === undefined ? 'something else' : difference.actual,
    advice: 'the file was altered or replaced and has been deleted: look for its source',
    // Bytes joined from several responses may be whole in a fresh one; a fresh one that is wrong stays wrong.
    transient: options.resumed,
  });
}

async function pause(
  { transient, retryAfter = 0 }: DownloadFailure,
  failures: number,
  options: DownloadOptions,
): Promise<void> {
  const { backoffMs = 500, clock = systemClock, signal } = options;
  if (!transient) return;
  const backoff = Math.min(30_000, backoffMs * 2 ** (failures - 1));
  await clock.sleep(Math.max(backoff, Math.min(300_000, retryAfter * 1000)), signal);
}

function requireAddresses({ urls }: RemoteFile, target: string): void {
  const wrong = urls.find(url => !/^https?:$/.test(URL.canParse(url) ? new URL(url).protocol : ''));
  if (urls.length > 0 && wrong === undefined) return;
  throw new DatasetError('INVALID_OPTION', {
    where: target,
    expected: 'addresses that begin with https:// or http://',
    got: wrong === undefined ? 'none' : JSON.stringify(wrong),
    advice: 'correct the address',
  });
}
