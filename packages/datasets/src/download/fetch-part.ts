import { open } from 'node:fs/promises';
import { isOodError, systemError } from '@ood/core';
import type { DatasetError } from '../errors.ts';
import { downloadError } from './errors.ts';
import type { Held, PartialFile } from './partial-file.ts';
import type { Fetch } from './proxy-fetch.ts';
import { checkResponse, isComplete, rangeHeaders, totalOf, validatorOf } from './range-response.ts';

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
 * @throws DatasetError; what arrived is kept, unless it cannot be part of the file.
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
      if (held !== undefined && isComplete(response, held.bytes)) return;
      const start = await checkResponse(url, response, { held, partial });
      const total = totalOf(response, start);
      checkTotal(url, total, options);
      await partial.remember({ url, validator: validatorOf(response), total });
      await append(url, response, { partial, start, total, alive, options });
    } finally {
      await response.body?.cancel().catch(() => {});
    }
  } catch (error) {
    options.signal?.throwIfAborted();
    throw describe(url, partial.path, error, stall.signal.aborted ? options.stallMs : undefined);
  } finally {
    clearTimeout(timer);
  }
}

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

function checkTotal(url: string, total: number | undefined, { bytes, maxBytes }: FetchPartOptions): void {
  if (total === undefined) return;
  if (bytes !== undefined && total !== bytes) {
    throw downloadError('SIZE_MISMATCH', url, {
      expected: `${bytes} bytes`,
      got: `${total} announced`,
      advice: 'the file has changed: look for its source',
    });
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
    throw downloadError('CUT_SHORT', url, {
      expected: `${wanted} bytes`,
      got: `${done}`,
      advice: 'run again to resume',
      transient: true,
    });
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

function tooLarge(url: string, limit: number, size: number): DatasetError {
  return downloadError('TOO_LARGE', url, {
    expected: `at most ${limit} bytes`,
    got: `${size} or more`,
    advice: 'do not trust this address',
  });
}

/** A network failure, a silent server or a full disk in words. */
function describe(url: string, path: string, error: unknown, stalledMs: number | undefined): unknown {
  if (isOodError(error)) return error;
  if (stalledMs !== undefined) {
    return downloadError('STALLED', url, {
      expected: `bytes within ${stalledMs} ms`,
      got: 'none',
      advice: 'check the network and run again to resume',
      transient: true,
    });
  }
  const { code, cause, message } = error as NodeJS.ErrnoException;
  // Refusals of the file system; those of the network have other codes, and trying again can help.
  if (code !== undefined && /^E(NOSPC|DQUOT|FBIG|ACCES|PERM|ROFS|ISDIR|NOENT|MFILE|NFILE|IO)$/.test(code))
    return systemError(error, { where: path, expected: 'to write what arrives' });
  return downloadError('NETWORK', url, {
    expected: 'an answer',
    got: (cause as Error | undefined)?.message ?? message,
    advice: 'check the network, and HTTPS_PROXY if you are behind one',
    transient: true,
  });
}
