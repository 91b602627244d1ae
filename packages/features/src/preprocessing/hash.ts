import { createHash } from 'node:crypto';
import { canonicalJson } from '@ood/core';
import type { Preprocessing } from './preprocessing.ts';

/** SHA-256 (hex) of the description's canonical JSON: two descriptions with the same hash treat every image alike. */
export function hashPreprocessing(preprocessing: Preprocessing): string {
  return createHash('sha256').update(canonicalJson(preprocessing)).digest('hex');
}
