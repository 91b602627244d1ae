import { createHash } from 'node:crypto';
import { DatasetError } from '../errors.ts';

/** What a seed may be. The same seed gives the same numbers on every machine. */
export type Seed = number | string;

/** A stream of pseudo-random numbers. */
export interface Rng {
  /** Uniform in [0, 1), 32 random bits. */
  uniform(): number;
  /** Whole, uniform from 0 to n − 1. */
  integer(n: number): number;
  /** Standard normal. */
  normal(): number;
  /** Poisson with the given mean. */
  poisson(mean: number): number;
}

/** The generator sfc32 (C. Doty-Humphrey, PractRand), its state the SHA-256 of the seeds. */
export function createRng(...seeds: readonly Seed[]): Rng {
  seeds.forEach(requireSeed);
  const state = createHash('sha256').update(JSON.stringify(seeds)).digest();
  let a = state.readInt32LE(0);
  let b = state.readInt32LE(4);
  let c = state.readInt32LE(8);
  let counter = 1;
  let spare: number | undefined;
  const next = () => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return sum >>> 0;
  };
  const uniform = () => next() / 2 ** 32;
  return {
    uniform,
    integer: n => Math.floor(uniform() * n),
    normal() {
      if (spare !== undefined) {
        const value = spare;
        spare = undefined;
        return value;
      }
      // Box and Muller 1958; 1 − u keeps the logarithm finite.
      const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
      const angle = 2 * Math.PI * uniform();
      spare = radius * Math.sin(angle);
      return radius * Math.cos(angle);
    },
    poisson(mean) {
      // Knuth 1969, in pieces, so that exp(−mean) cannot underflow.
      let count = 0;
      for (let left = mean; left > 0; left -= 500) {
        const floor = Math.exp(-Math.min(left, 500));
        for (let product = uniform(); product > floor; product *= uniform()) count += 1;
      }
      return count;
    },
  };
}

/** The numbers 0 … n − 1 in random order (Fisher and Yates). */
export function permutation(n: number, rng: Rng): Uint32Array {
  const order = Uint32Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = rng.integer(i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

/** A number in [0, 1) that depends on the text and the seed alone: the first 53 bits of their SHA-256. */
export function hashFraction(text: string, seed: Seed): number {
  requireSeed(seed);
  const digest = createHash('sha256')
    .update(JSON.stringify([seed, text]))
    .digest();
  return (digest.readUInt32BE(0) * 2 ** 21 + (digest.readUInt32BE(4) >>> 11)) / 2 ** 53;
}

/** A missing seed would silently be the same for all. @throws DatasetError `BAD_SEED`. */
function requireSeed(seed: Seed): void {
  if (typeof seed === 'string' || Number.isFinite(seed)) return;
  throw new DatasetError('BAD_SEED', {
    where: 'seed',
    expected: 'a finite number or a text',
    received: typeof seed === 'number' ? String(seed) : typeof seed,
    advice: 'give a seed, for example { seed: 1 }',
  });
}
