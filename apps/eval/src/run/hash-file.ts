import { createHash } from 'node:crypto';
import { throwIfAborted } from '@ood/core';
import { openPlainFile } from '@ood/core/node';

/** Bytes that are read at once. */
const BLOCK = 2 ** 22;

/** SHA-256 (hex) of a file, in bounded memory. */
export async function hashFile(path: string, signal: AbortSignal | undefined): Promise<string> {
  const hash = createHash('sha256');
  const file = await openPlainFile(path);
  try {
    for (let at = 0; at < file.size; at += BLOCK) {
      throwIfAborted('the run', signal);
      hash.update(await file.read(at, Math.min(BLOCK, file.size - at)));
    }
  } finally {
    await file.close();
  }
  return hash.digest('hex');
}
