import { createRandom, type Random } from '@ood/core';

/** What a seed is used for; each purpose draws from its own generators. */
const purposes = { model: 1, split: 2, sample: 3, shuffle: 4, noise: 5, validationNoise: 6 } as const;

/** The generator of a purpose at an index (an epoch, a step): reopened from the seed alone, so nothing needs saving. */
export function purposeRng(seed: number, purpose: keyof typeof purposes, index = 0): Random {
  return createRandom(seed, purposes[purpose] * 2 ** 26 + index);
}

/** A uniform number in [0, 1) that belongs to row `index`: the same in every pass, whatever the batches. */
export function rowHash(seed: number, purpose: keyof typeof purposes, index: number): number {
  let h = (seed ^ Math.imul(purposes[purpose], 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b)) | 0;
  h = Math.imul(h ^ (h >>> 16), 0x21f0aaad);
  h = Math.imul(h ^ (h >>> 15), 0x735a2d97);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  return ((h ^ (h >>> 16)) >>> 0) / 2 ** 32;
}
