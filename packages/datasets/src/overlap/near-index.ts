import { type Fingerprint, hashDistance } from './perceptual-hash.ts';

/** Largest distance that the index finds without gaps. */
export const MAX_INDEXED_DISTANCE = 7;

/**
 * Finds hashes within a few bits of a query without comparing with all: of four words of 16 bits, one differs in at
 * most one bit wherever 64 bits differ in at most seven, so 4 · 17 buckets hold every candidate
 * (Norouzi, Punjani, Fleet 2012, "Fast Search in Hamming Space with Multi-Index Hashing").
 */
export class NearIndex {
  readonly #items: { readonly print: Fingerprint; readonly position: number }[] = [];
  readonly #buckets = [0, 1, 2, 3].map(() => new Map<number, number[]>());

  add(print: Fingerprint, position: number): void {
    const item = this.#items.push({ print, position }) - 1;
    for (const [part, word] of wordsOf(print).entries()) {
      const bucket = this.#buckets[part]!.get(word);
      if (bucket === undefined) this.#buckets[part]!.set(word, [item]);
      else bucket.push(item);
    }
  }

  /** Positions of all hashes within `distance` bits, in the order they were added. */
  find(print: Fingerprint, distance: number): { position: number; distance: number; print: Fingerprint }[] {
    const candidates = new Set<number>();
    for (const [part, word] of wordsOf(print).entries()) {
      for (let flip = -1; flip < 16; flip++) {
        for (const item of this.#buckets[part]!.get(flip < 0 ? word : word ^ (1 << flip)) ?? [])
          candidates.add(item);
      }
    }
    return [...candidates]
      .sort((a, b) => a - b)
      .map(item => ({ ...this.#items[item]!, distance: hashDistance(print, this.#items[item]!.print) }))
      .filter(found => found.distance <= distance);
  }
}

function wordsOf({ high, low }: Fingerprint): [number, number, number, number] {
  return [high >>> 16, high & 0xffff, low >>> 16, low & 0xffff];
}
