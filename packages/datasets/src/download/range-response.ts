import type { DatasetError } from '../errors.ts';
import { downloadError } from './errors.ts';
import type { Held, PartialFile } from './partial-file.ts';

/** Headers that ask for what is missing of a file. */
export function rangeHeaders(held: Held | undefined): Record<string, string> {
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

/**
 * Checks status and headers of a response. Returns the offset at which its body begins.
 *
 * @throws DatasetError; where what is held cannot be part of the file it is discarded.
 */
export async function checkResponse(
  url: string,
  response: Response,
  { held, partial }: { readonly held: Held | undefined; readonly partial: PartialFile },
): Promise<number> {
  checkRedirect(url, response);
  const { status, headers } = response;
  if (status === 416) {
    await partial.discard();
    throw downloadError('HTTP_STATUS', url, {
      expected: 'the rest of the file',
      got: 'status 416: a file of another size',
      advice: 'try again',
      transient: true,
    });
  }
  if (status !== 200 && status !== 206) throw badStatus(url, response);
  checkContent(url, response);
  if (status === 200) return 0;
  const range = headers.get('content-range') ?? 'no range';
  const start = Number(/^bytes (\d+)-/.exec(range)?.[1]);
  if (held !== undefined && start === held.bytes) return start;
  await partial.discard();
  throw downloadError('HTTP_STATUS', url, {
    expected: `bytes from ${held?.bytes ?? 0} on`,
    got: range,
    advice: 'try again',
    transient: true,
  });
}

/** Whether the server says that nothing is left of a file of this size. */
export function isComplete({ status, headers }: Response, bytes: number): boolean {
  return status === 416 && headers.get('content-range') === `bytes */${bytes}`;
}

/** Size of the whole file, where the response tells it. */
export function totalOf({ status, headers }: Response, start: number): number | undefined {
  const range = /\/(\d+)$/.exec(headers.get('content-range') ?? '')?.[1];
  if (status === 206 && range !== undefined) return Number(range);
  const length = headers.get('content-length');
  return length === null ? undefined : start + Number(length);
}

/** What `If-Range` takes: a strong ETag, else the time of the last change. */
export function validatorOf({ headers }: Response): string | undefined {
  const etag = headers.get('etag');
  return etag !== null && !etag.startsWith('W/') ? etag : (headers.get('last-modified') ?? undefined);
}

function checkRedirect(url: string, response: Response): void {
  if (!url.startsWith('https:') || response.url === '' || response.url.startsWith('https:')) return;
  throw downloadError('INSECURE_REDIRECT', url, {
    expected: 'to stay on https',
    got: `a redirect to ${response.url}`,
    advice: 'do not use this address',
  });
}

function checkContent(url: string, { headers }: Response): void {
  const encoding = headers.get('content-encoding') ?? 'identity';
  if (encoding !== 'identity') {
    throw downloadError('ENCODED_RESPONSE', url, {
      expected: 'the file as it is',
      got: `content-encoding ${encoding}`,
      advice: 'download it by hand',
    });
  }
  if (/^text\/html/i.test(headers.get('content-type') ?? '')) {
    throw downloadError('NOT_THE_FILE', url, {
      expected: 'a file',
      got: 'a web page (an error, a log-in, or a notice that too many people downloaded it)',
      advice: 'open the address in a browser, save the file, and put it into the data folder',
    });
  }
}

function badStatus(url: string, { status, headers }: Response): DatasetError {
  const transient = status === 408 || status === 425 || status === 429 || status >= 500;
  const retryAfter = Number(headers.get('retry-after') ?? Number.NaN);
  return downloadError('HTTP_STATUS', url, {
    expected: 'status 200',
    got: `status ${status}`,
    advice: transient ? 'try again later' : 'look for another address of this file',
    transient,
    ...(Number.isFinite(retryAfter) ? { retryAfter } : {}),
  });
}
