import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { openPlainFile, readPlainFile } from '@ood/core/node';
import { fileError } from '../errors.ts';
import type { GlyphFile } from './manifest.ts';

const advice = 'reinstall @ood/datasets, or make the file anew with tooling/glyphs';
/** Longest description, and largest set once it is unpacked. */
const MAX_TEXT = 2 ** 24;
const MAX_SET = 2 ** 30;

/** A text that is there. @throws CoreError `FILE_NOT_FOUND`, `TOO_LARGE` and other refusals, naming the file. */
export async function readText(path: string): Promise<string> {
  return new TextDecoder().decode(await readPlainFile(path, { maxBytes: MAX_TEXT }));
}

/**
 * The bytes of a file of known length and SHA-256.
 *
 * @throws CoreError `FILE_NOT_FOUND`; DatasetError `CORRUPT_FILE`, naming the file and both values.
 */
export async function readVerified(folder: string, entry: GlyphFile): Promise<Uint8Array> {
  const path = join(folder, entry.path);
  const corrupt = (expected: string, got: string) =>
    fileError('CORRUPT_FILE', { file: path, expected, got, advice });
  const file = await openPlainFile(path);
  try {
    if (file.size !== entry.bytes) throw corrupt(`${entry.bytes} bytes`, `${file.size}`);
    const bytes = await file.read(0, file.size);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    if (sha256 !== entry.sha256) throw corrupt(`SHA-256 ${entry.sha256}`, sha256);
    return bytes;
  } finally {
    await file.close();
  }
}

/** The decompressed bytes of a gzip file of known length and SHA-256. Errors as {@link readVerified}. */
export async function readVerifiedGzip(folder: string, entry: GlyphFile): Promise<Buffer> {
  const packed = await readVerified(folder, entry);
  try {
    return gunzipSync(packed, { maxOutputLength: MAX_SET });
  } catch (cause) {
    throw fileError('CORRUPT_FILE', {
      file: join(folder, entry.path),
      expected: `gzip of at most ${MAX_SET} bytes`,
      got: (cause as Error).message,
      advice,
      cause,
    });
  }
}
