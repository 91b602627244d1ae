import { CoreError } from '../errors/core-error.ts';

/** What a seed may be: a safe integer or a text. The same seed gives the same numbers on every machine. */
export type Seed = number | string;

/** A stream of pseudo-random numbers. Not for secrets. */
export interface Random {
  /** Uniform in [0, 1), 32 random bits. */
  uniform(): number;
  /** A whole number, uniform from 0 to `bound` − 1; `bound` up to 2³². */
  below(bound: number): number;
  /** Standard normal. */
  normal(): number;
}

/**
 * A generator of its own: sfc32 (C. Doty-Humphrey, PractRand; 128-bit state, period about 2¹²⁷).
 *
 * @param seed a safe integer, or a text, which is hashed.
 * @param stream separates generators that share a seed (epochs, layers, purposes).
 * @throws CoreError `INVALID_OPTION` for a seed that is missing or no safe integer: all such would be the same.
 */
export function createRandom(seed: Seed, stream: Seed = 0): Random {
  requireSeed('seed', seed);
  requireSeed('stream', stream);
  let [a, b, c] = initialState(seed, stream);
  let counter = 1;
  let spare: number | undefined;
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  const uniform = () => next() / 2 ** 32;
  for (let i = 0; i < 20; i++) next();
  return {
    uniform,
    below: bound => Math.floor(uniform() * bound),
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
  };
}

/** The numbers 0 … count − 1 in random order (Fisher and Yates). */
export function permutation(count: number, random: Pick<Random, 'below'>): Int32Array {
  const order = Int32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = random.below(i + 1);
    const value = order[i]!;
    order[i] = order[j]!;
    order[j] = value;
  }
  return order;
}

function initialState(seed: Seed, stream: Seed): [number, number, number] {
  if (typeof seed === 'number' && typeof stream === 'number')
    return [Math.floor(seed / 2 ** 32) | 0, seed | 0, stream | 0];
  const text = JSON.stringify([seed, stream]);
  return [hash(text, 1), hash(text, 2), hash(text, 3)];
}

/** A 32-bit hash of a text (MurmurHash3's mixing over UTF-16 units; A. Appleby). */
function hash(text: string, salt: number): number {
  let h = Math.imul(salt, 0x9e3779b1);
  for (let i = 0; i < text.length; i++) {
    let k = Math.imul(text.charCodeAt(i), 0xcc9e2d51);
    k = Math.imul((k << 15) | (k >>> 17), 0x1b873593);
    h ^= k;
    h = (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
  }
  h ^= text.length;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

function requireSeed(name: string, seed: Seed): void {
  if (typeof seed === 'string' || Number.isSafeInteger(seed)) return;
  throw new CoreError('INVALID_OPTION', {
    where: name,
    expected: 'a whole number or a text',
    got: typeof seed === 'number' ? String(seed) : typeof seed,
    advice: 'give a seed, for example { seed: 1 }',
    details: { option: name },
  });
}
