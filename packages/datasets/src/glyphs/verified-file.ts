import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { atPath } from '../bytes/file-error.ts';
import { fileError } from '../errors.ts';
import type { GlyphFile } from './manifest.ts';

const advice = 'reinstall @ood/datasets, or make the file anew with tooling/glyphs';

/** The bytes of a file that is there. @throws CoreError `FILE_NOT_FOUND` and other refusals of the system, naming the file. */
export function readBytes(path: string): Promise<Buffer> {
  return atPath(path, 'a readable file', () => readFile(path), advice);
}

/**
 * The bytes of a file of known length and SHA-256.
 *
 * @throws CoreError `FILE_NOT_FOUND`; DatasetError `CORRUPT_FILE`, naming the file and both values.
 */
export async function readVerified(folder: string, entry: GlyphFile): Promise<Buffer> {
  const file = join(folder, entry.path);
  const bytes = await readBytes(file);
  if (bytes.length !== entry.bytes) {
    throw fileError('CORRUPT_FILE', {
      file,
      expected: `${entry.bytes} bytes`,
      got: `${bytes.length}`,
      advice,
    });
  }
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (sha256 !== entry.sha256) {
    throw fileError('CORRUPT_FILE', { file, expected: `SHA-256 ${entry.sha256}`, got: sha256, advice });
  }
  return bytes;
}

/** The decompressed bytes of a gzip file of known length and SHA-256. Errors as {@link readVerified}. */
export async function readVerifiedGzip(folder: string, entry: GlyphFile): Promise<Buffer> {
  return gunzipSync(await readVerified(folder, entry));
}
