/** A source of uniform numbers in [0, 1), e.g. {@link seededRng} or `Math.random`. */
export type Rng = () => number;

/**
 * A seeded uniform generator (sfc32, Chris Doty-Humphrey's PractRand; 128-bit state, period about 2^127).
 *
 * @param seed any number; the same seed gives the same numbers everywhere.
 * @param stream separates generators that share a seed (epochs, layers, purposes).
 */
export function seededRng(seed: number, stream = 0): Rng {
  let a = Math.floor(seed / 2 ** 32) | 0;
  let b = seed | 0;
  let c = stream | 0;
  let counter = 1;
  const next = () => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  };
  for (let i = 0; i < 20; i++) next();
  return next;
}

/** One draw from N(0, 1) (Box and Muller 1958, the cosine half). */
export function normalDraw(rng: Rng): number {
  return Math.sqrt(-2 * Math.log(1 - rng())) * Math.cos(2 * Math.PI * rng());
}

/** `count` draws from N(0, scale²). */
export function normalArray(count: number, rng: Rng, scale = 1): Float32Array {
  const draws = new Float32Array(count);
  for (let i = 0; i < count; i++) draws[i] = scale * normalDraw(rng);
  return draws;
}

/** `count` draws from the uniform law on [-bound, bound). */
export function uniformArray(count: number, rng: Rng, bound: number): Float32Array {
  const draws = new Float32Array(count);
  for (let i = 0; i < count; i++) draws[i] = bound * (2 * rng() - 1);
  return draws;
}

/** A uniformly random order of 0 … count - 1 (Fisher and Yates). */
export function shuffled(count: number, rng: Rng): Int32Array {
  const order = Int32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(rng() * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}
