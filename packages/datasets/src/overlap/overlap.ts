import { type Progress, requireOption } from '@ood/core';
import { requirePixels } from '../contract/require-pixels.ts';
import { isPixelsSample, isVectorSample, type Pixels, type Sample } from '../contract/sample.ts';
import type { Samples } from '../contract/samples.ts';
import { contentHash } from './content-hash.ts';
import { MAX_INDEXED_DISTANCE, NearIndex } from './near-index.ts';
import { type Fingerprint, fingerprint, similarity } from './perceptual-hash.ts';

/** Turns an encoded image into pixels. This package has no image decoder: hand one in. */
export type Decode = (bytes: Uint8Array) => Promise<Pixels> | Pixels;

export interface OverlapOptions {
  /** Needed to find near-duplicates among encoded images; without it, only samples with pixels are compared so. */
  readonly decode?: Decode;
  /** Most of 64 bits in which near-duplicates differ, 0 to 7. Default: 6. */
  readonly maxDistance?: number;
  /** Least correlation of the 16 × 16 thumbnails of near-duplicates. Default: 0.95. */
  readonly minSimilarity?: number;
  /** Pairs that are listed; all are counted. Default: 1000. */
  readonly maxListed?: number;
  readonly signal?: AbortSignal;
  /** Called for each sample read; the stage is `'overlap'`. */
  readonly onProgress?: (progress: Progress) => void;
}

/** Two samples that hold the same. */
export interface ExactPair {
  readonly a: string;
  readonly b: string;
  readonly sha256: string;
}

/** Two images that look alike. */
export interface NearPair {
  readonly a: string;
  readonly b: string;
  /** Differing bits of the perceptual hash. */
  readonly distance: number;
  /** Correlation of the thumbnails. */
  readonly similarity: number;
}

export interface OverlapReport {
  /** Samples read of each set. */
  readonly compared: { readonly a: number; readonly b: number };
  readonly exactCount: number;
  readonly exact: readonly ExactPair[];
  /** Near-duplicates that are not exact ones. */
  readonly nearCount: number;
  readonly near: readonly NearPair[];
  /** Samples without a perceptual hash: vectors, flat images, images without a decoder, boxes. */
  readonly notHashed: number;
  /** Images that `decode` could not read. */
  readonly undecodable: readonly string[];
}

/**
 * Samples that two sets (ID and OOD, train and test) have in common: exactly, by SHA-256 of what they hold, and nearly,
 * by perceptual hash confirmed by correlation of thumbnails. Both sets are read once; of each image of `a` about 1.2 kB
 * is kept. A benchmark whose sets overlap measures memory, not detection: look before you run it.
 */
export async function findOverlap(
  a: Samples,
  b: Samples,
  options: OverlapOptions = {},
): Promise<OverlapReport> {
  const total = a.length === undefined || b.length === undefined ? undefined : a.length + b.length;
  const search = new OverlapSearch(options, total);
  for await (const sample of a) await search.add(sample);
  for await (const sample of b) await search.compare(sample);
  return search.report();
}

/** Pairs of samples within one set that hold the same, exactly or nearly; `a` comes before `b`. */
export async function findDuplicates(samples: Samples, options: OverlapOptions = {}): Promise<OverlapReport> {
  const search = new OverlapSearch(options, samples.length);
  for await (const sample of samples) await search.compareAndAdd(sample);
  return search.report();
}

class OverlapSearch {
  readonly #options: OverlapOptions;
  readonly #ids: string[] = [];
  readonly #hashes = new Map<string, number[]>();
  readonly #index = new NearIndex();
  readonly #exact: ExactPair[] = [];
  readonly #near: NearPair[] = [];
  readonly #undecodable: string[] = [];
  #exactCount = 0;
  #nearCount = 0;
  #notHashed = 0;
  #compared = 0;
  #done = 0;
  readonly #total: number | undefined;

  constructor(options: OverlapOptions, total: number | undefined) {
    const { maxDistance = 6 } = options;
    requireOption('findOverlap', 'maxDistance', maxDistance, [
      value => Number.isInteger(value) && (value as number) >= 0 && (value as number) <= MAX_INDEXED_DISTANCE,
      `a whole number of bits from 0 to ${MAX_INDEXED_DISTANCE}, 6 is usual`,
    ]);
    this.#options = options;
    this.#total = total;
  }

  async add(sample: Sample): Promise<void> {
    this.#insert(sample.id, contentHash(sample), await this.#fingerprint(sample));
  }

  async compare(sample: Sample): Promise<void> {
    this.#compared += 1;
    this.#match(sample.id, contentHash(sample), await this.#fingerprint(sample));
  }

  async compareAndAdd(sample: Sample): Promise<void> {
    const hash = contentHash(sample);
    const print = await this.#fingerprint(sample);
    this.#compared += 1;
    this.#match(sample.id, hash, print);
    this.#insert(sample.id, hash, print);
  }

  report(): OverlapReport {
    return {
      compared: { a: this.#ids.length, b: this.#compared },
      exactCount: this.#exactCount,
      exact: this.#exact,
      nearCount: this.#nearCount,
      near: this.#near,
      notHashed: this.#notHashed,
      undecodable: this.#undecodable,
    };
  }

  #insert(id: string, hash: string, print: Fingerprint | undefined): void {
    const position = this.#ids.push(id) - 1;
    const same = this.#hashes.get(hash);
    if (same === undefined) this.#hashes.set(hash, [position]);
    else same.push(position);
    if (print !== undefined) this.#index.add(print, position);
  }

  #match(id: string, hash: string, print: Fingerprint | undefined): void {
    const { maxDistance = 6, minSimilarity = 0.95, maxListed = 1000 } = this.#options;
    const same = new Set(this.#hashes.get(hash));
    this.#exactCount += same.size;
    for (const position of same) {
      if (this.#exact.length < maxListed) this.#exact.push({ a: this.#ids[position]!, b: id, sha256: hash });
    }
    if (print === undefined) return;
    for (const found of this.#index.find(print, maxDistance)) {
      const alike = similarity(print, found.print);
      if (same.has(found.position) || alike < minSimilarity) continue;
      this.#nearCount += 1;
      if (this.#near.length < maxListed) {
        this.#near.push({
          a: this.#ids[found.position]!,
          b: id,
          distance: found.distance,
          similarity: alike,
        });
      }
    }
  }

  async #fingerprint(sample: Sample): Promise<Fingerprint | undefined> {
    this.#options.signal?.throwIfAborted();
    this.#done += 1;
    this.#options.onProgress?.({ stage: 'overlap', done: this.#done, total: this.#total });
    const print = await this.#printOf(sample);
    // A flat image has no structure to compare.
    if (print?.thumbnail.some(value => value !== 0)) return print;
    this.#notHashed += 1;
    return undefined;
  }

  async #printOf(sample: Sample): Promise<Fingerprint | undefined> {
    // The image of a box is that of its other boxes, too.
    if ('box' in sample && sample.box !== undefined) return undefined;
    if (isPixelsSample(sample)) {
      requirePixels(`sample ${sample.id}`, sample.pixels);
      return fingerprint(sample.pixels);
    }
    if (isVectorSample(sample) || this.#options.decode === undefined) return undefined;
    try {
      return fingerprint(await this.#options.decode(sample.bytes));
    } catch {
      this.#undecodable.push(sample.id);
      return undefined;
    }
  }
}
