import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** Size and checksums of a file, in hex. */
export interface Checksums {
  readonly bytes: number;
  readonly md5: string;
  readonly sha256: string;
}

/** Reads a file once for its size, MD5 (most public data sets publish only that) and SHA-256. */
export async function checksumFile(
  path: string,
  {
    signal,
    onProgress,
  }: { readonly signal?: AbortSignal; readonly onProgress?: (bytes: number) => void } = {},
): Promise<Checksums> {
  const md5 = createHash('md5');
  const sha256 = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(path, {
    highWaterMark: 2 ** 20,
    signal,
  }) as AsyncIterable<Buffer>) {
    md5.update(chunk);
    sha256.update(chunk);
    bytes += chunk.length;
    onProgress?.(bytes);
  }
  return { bytes, md5: md5.digest('hex'), sha256: sha256.digest('hex') };
}

/** What is known of a file that arrives. */
export interface Expected {
  readonly bytes?: number;
  readonly md5?: string;
  readonly sha256?: string;
}

/** The first field in which a file is not as expected, or undefined where all agree. */
export function firstDifference(
  expected: Expected,
  actual: Checksums,
): { field: keyof Checksums; expected: string; actual: string } | undefined {
  for (const field of ['bytes', 'sha256', 'md5'] as const) {
    const wanted = expected[field];
    if (wanted !== undefined && String(wanted).toLowerCase() !== String(actual[field])) {
      return { field, expected: String(wanted), actual: String(actual[field]) };
    }
  }
  return undefined;
}
