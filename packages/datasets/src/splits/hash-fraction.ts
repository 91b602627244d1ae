import { createHash } from 'node:crypto';
import { requireOption, type Seed } from '@ood/core';

/** A number in [0, 1) that depends on the text and the seed alone: the first 53 bits of their SHA-256. */
export function hashFraction(text: string, seed: Seed): number {
  const digest = createHash('sha256')
    .update(JSON.stringify([seed, text]))
    .digest();
  return (digest.readUInt32BE(0) * 2 ** 21 + (digest.readUInt32BE(4) >>> 11)) / 2 ** 53;
}

/** A missing seed would silently be the same for all. @throws CoreError `INVALID_OPTION`. */
export function requireSeed(where: string, seed: Seed): void {
  requireOption(where, 'seed', seed, [
    value => typeof value === 'string' || Number.isSafeInteger(value),
    'a whole number or a text',
  ]);
}
