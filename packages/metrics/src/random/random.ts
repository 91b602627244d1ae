/** A seeded source of random numbers; the same seed gives the same sequence everywhere. */
export interface Random {
  /** Uniform in [0, 1), 53 bits. */
  uniform(): number;
  /** A uniform integer in [0, bound), bound up to 2³². */
  below(bound: number): number;
}

/**
 * A generator of its own, seeded by any safe integer: xoshiro128** (Blackman & Vigna 2018), its state filled by
 * splitmix32. Not for secrets.
 */
export function createRandom(seed: number): Random {
  let mix = (seed ^ Math.floor(seed / 0x100000000)) >>> 0;
  const next = (): number => {
    mix = (mix + 0x9e3779b9) | 0;
    let z = mix ^ (mix >>> 16);
    z = Math.imul(z, 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) | 0;
  };
  const state = Int32Array.of(next(), next(), next(), next() | 1);

  function bits(): number {
    const s1 = state[1]!;
    const scaled = Math.imul(s1, 5);
    const result = Math.imul((scaled << 7) | (scaled >>> 25), 9);
    state[2]! ^= state[0]!;
    state[3]! ^= s1;
    state[1]! ^= state[2]!;
    state[0]! ^= state[3]!;
    state[2]! ^= s1 << 9;
    state[3] = (state[3]! << 11) | (state[3]! >>> 21);
    return result >>> 0;
  }

  return {
    uniform: () => ((bits() >>> 5) * 0x4000000 + (bits() >>> 6)) / 0x20000000000000,
    below: bound => Math.floor((bits() / 0x100000000) * bound),
  };
}
