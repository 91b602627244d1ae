import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { DatasetError, FormatError } from '../errors.ts';
import type { GlyphFile } from './manifest.ts';

const advice = 'reinstall @ood/datasets, or make the file anew with tooling/glyphs';

/**
 * The bytes of a file that is there.
 *
 * @throws DatasetError `MISSING_FILE` naming the file.
 */
export async function readBytes(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    const received = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new DatasetError('MISSING_FILE', {
      where: path,
      expected: 'a readable file',
      received,
      advice,
      cause,
    });
  }
}

/**
 * The bytes of a file of known length and SHA-256.
 *
 * @throws DatasetError `MISSING_FILE`; FormatError `TRUNCATED` or `CORRUPT` naming the file and both values.
 */
export async function readVerified(folder: string, entry: GlyphFile): Promise<Buffer> {
  const file = join(folder, entry.path);
  const bytes = await readBytes(file);
  if (bytes.length !== entry.bytes) {
    const code = bytes.length < entry.bytes ? 'TRUNCATED' : 'CORRUPT';
    throw new FormatError(code, {
      file,
      expected: `${entry.bytes} bytes`,
      received: `${bytes.length}`,
      advice,
    });
  }
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (sha256 !== entry.sha256) {
    throw new FormatError('CORRUPT', { file, expected: `SHA-256 ${entry.sha256}`, received: sha256, advice });
  }
  return bytes;
}

/** The decompressed bytes of a gzip file of known length and SHA-256. Errors as {@link readVerified}. */
export async function readVerifiedGzip(folder: string, entry: GlyphFile): Promise<Buffer> {
  return gunzipSync(await readVerified(folder, entry));
}
