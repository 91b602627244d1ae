import { open } from 'node:fs/promises';
import { DownloadError } from './errors.ts';
import type { PartialFile, PartialState } from './partial-file.ts';
import type { Fetch } from './proxy-fetch.ts';

export interface FetchPartOptions {
  readonly fetch: Fetch;
  /** Size of the whole file where it is known beforehand. */
  readonly bytes: number | undefined;
  /** Whether a checksum will tell if parts of different versions were joined. */
  readonly hasChecksum: boolean;
  /** Longest time without a byte. */
  readonly stallMs: number;
  readonly maxBytes: number;
  readonly signal: AbortSignal | undefined;
  readonly onBytes: (done: number, total: number | undefined) => void;
}

/**
 * One request for what is missing of a file, appended to its partial file. Returns when the response has ended and the
 * file has the announced size.
 *
 * @throws DownloadError; what arrived is kept, unless it cannot be part of the file.
 */
export async function fetchPart(url: string, partial: PartialFile, options: FetchPartOptions): Promise<void> {
  const stall = new AbortController();
  const signal =
    options.signal === undefined ? stall.signal : AbortSignal.any([options.signal, stall.signal]);
  let timer: NodeJS.Timeout | undefined;
  const alive = () => {
    clearTimeout(timer);
    timer = setTimeout(() => stall.abort(), options.stallMs);
  };
  alive();
  try {
    const held = await usable(url, partial, options);
    const response = await options.fetch(url, { headers: rangeHeaders(held), redirect: 'follow', signal });
    try {
      if (response.status === 416 && held !== undefined && isComplete(response, held.bytes)) return;
      const start = await checkResponse(url, response, held, partial);
      const total = totalOf(response, start);
      checkTotal(url, total, options);
      await partial.remember({ url, validator: validatorOf(response), total });
      await append(url, response, { partial, start, total, alive, options });
    } finally {
      await response.body?.cancel().catch(() => {});
    }
  } catch (error) {
    options.signal?.throwIfAborted();
    throw describe(url, error, stall.signal.aborted ? options.stallMs : undefined);
  } finally {
    clearTimeout(timer);
  }
}

type Held = { readonly bytes: number; readonly state: PartialState };

/** Bytes that a range request may build on: from the same address with a validator, or verified by checksum later. */
async function usable(
  url: string,
  partial: PartialFile,
  options: FetchPartOptions,
): Promise<Held | undefined> {
  const held = await partial.resume();
  if (held === undefined) return undefined;
  const sameVersion = held.state.url === url && held.state.validator !== undefined;
  const fits = options.bytes === undefined || held.bytes <= options.bytes;
  return fits && (sameVersion || options.hasChecksum) ? held : undefined;
}

function rangeHeaders(held: Held | undefined): Record<string, string> {
  // Data sets are compressed already; an encoded response would also make sizes and ranges meaningless.
  const plain = { 'accept-encoding': 'identity' };
  if (held === undefined) return plain;
  const { validator } = held.state;
  return {
    ...plain,
    range: `bytes=${held.bytes}-`,
    ...(validator === undefined ? {} : { 'if-range': validator }),
  };
}

/** Checks status and headers. Returns the offset at which the body begins. */
async function checkResponse(
  url: string,
  response: Response,
  held: Held | undefined,
  partial: PartialFile,
): Promise<number> {
  if (url.startsWith('https:') && response.url !== '' && !response.url.startsWith('https:')) {
    throw failure(
      'INSECURE_REDIRECT',
      url,
      'to stay on https',
      `a redirect to ${response.url}`,
      'do not use this address',
    );
  }
  if (response.status === 416) {
    await partial.discard();
    throw failure(
      'HTTP_STATUS',
      url,
      'the rest of the file',
      'status 416: a file of another size',
      'try again',
      true,
    );
  }
  if (response.status !== 200 && response.status !== 206) throw badStatus(url, response);
  const encoding = response.headers.get('content-encoding') ?? 'identity';
  if (encoding !== 'identity') {
    throw failure(
      'ENCODED_RESPONSE',
      url,
      'the file as it is',
      `content-encoding ${encoding}`,
      'download it by hand',
    );
  }
  if (/^text\/html/i.test(response.headers.get('content-type') ?? '')) {
    throw failure(
      'NOT_THE_FILE',
      url,
      'a file',
      'a web page (an error, a log-in, or a notice that too many people downloaded it)',
      'open the address in a browser, save the file, and put it into the data folder',
    );
  }
  if (response.status === 200) return 0;
  const start = Number(/^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '')?.[1]);
  if (held !== undefined && start === held.bytes) return start;
  await partial.discard();
  const range = response.headers.get('content-range') ?? 'no range';
  throw failure('HTTP_STATUS', url, `bytes from ${held?.bytes ?? 0} on`, range, 'try again', true);
}

function badStatus(url: string, { status, headers }: Response): DownloadError {
  const transient = status === 408 || status === 425 || status === 429 || status >= 500;
  const retryAfter = Number(headers.get('retry-after') ?? Number.NaN);
  return new DownloadError('HTTP_STATUS', {
    where: url,
    url,
    expected: 'status 200',
    received: `status ${status}`,
    advice: transient ? 'try again later' : 'look for another address of this file',
    transient,
    ...(Number.isFinite(retryAfter) ? { retryAfter } : {}),
  });
}

function isComplete(response: Response, bytes: number): boolean {
  return response.headers.get('content-range') === `bytes */${bytes}`;
}

/** Size of the whole file, where the response tells it. */
function totalOf({ status, headers }: Response, start: number): number | undefined {
  const range = /\/(\d+)$/.exec(headers.get('content-range') ?? '')?.[1];
  if (status === 206 && range !== undefined) return Number(range);
  const length = headers.get('content-length');
  return length === null ? undefined : start + Number(length);
}

function checkTotal(url: string, total: number | undefined, { bytes, maxBytes }: FetchPartOptions): void {
  if (total === undefined) return;
  if (bytes !== undefined && total !== bytes) {
    throw failure(
      'SIZE_MISMATCH',
      url,
      `${bytes} bytes`,
      `${total} announced`,
      'the file has changed: look for its source',
    );
  }
  if (total > maxBytes) throw tooLarge(url, maxBytes, total);
}

interface Append {
  readonly partial: PartialFile;
  readonly start: number;
  readonly total: number | undefined;
  readonly alive: () => void;
  readonly options: FetchPartOptions;
}

async function append(
  url: string,
  response: Response,
  { partial, start, total, alive, options }: Append,
): Promise<void> {
  const limit = options.bytes ?? options.maxBytes;
  const file = await open(partial.path, start === 0 ? 'w' : 'r+');
  let done = start;
  try {
    for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      alive();
      if (done + chunk.length > limit) {
        await file.truncate(0);
        throw tooLarge(url, limit, done + chunk.length);
      }
      await writeFully(file, chunk, done);
      done += chunk.length;
      options.onBytes(done, total);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  const wanted = options.bytes ?? total;
  if (wanted !== undefined && done < wanted) {
    throw failure('CUT_SHORT', url, `${wanted} bytes`, `${done}`, 'run again to resume', true);
  }
}

async function writeFully(
  file: Awaited<ReturnType<typeof open>>,
  chunk: Uint8Array,
  at: number,
): Promise<void> {
  for (let done = 0; done < chunk.length; ) {
    done += (await file.write(chunk, done, chunk.length - done, at + done)).bytesWritten;
  }
}

function validatorOf({ headers }: Response): string | undefined {
  const etag = headers.get('etag');
  return etag !== null && !etag.startsWith('W/') ? etag : (headers.get('last-modified') ?? undefined);
}

function tooLarge(url: string, limit: number, size: number): DownloadError {
  return failure('TOO_LARGE', url, `at most ${limit} bytes`, `${size} or more`, 'do not trust this address');
}

/** A network failure, a silent server or a full disk in words. */
function describe(url: string, error: unknown, stalledMs: number | undefined): unknown {
  if (error instanceof DownloadError) return error;
  if (stalledMs !== undefined) {
    return failure(
      'STALLED',
      url,
      `bytes within ${stalledMs} ms`,
      'none',
      'check the network and run again to resume',
      true,
    );
  }
  const { code, cause, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return failure('DISK_FULL', url, 'room for the file', 'a full disk', 'make room and run again to resume');
  }
  if (code !== undefined && /^E(ACCES|PERM|ROFS|ISDIR|NOENT|MFILE)$/.test(code)) return error;
  const reason = (cause as Error | undefined)?.message ?? message;
  return failure(
    'NETWORK',
    url,
    'an answer',
    reason,
    'check the network, and HTTPS_PROXY if you are behind one',
    true,
  );
}

function failure(
  code: ConstructorParameters<typeof DownloadError>[0],
  url: string,
  expected: string,
  received: string,
  advice: string,
  transient = false,
): DownloadError {
  return new DownloadError(code, { where: url, url, expected, received, advice, transient });
}
