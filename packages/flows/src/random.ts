import type { Random } from '@ood/core';

/** `count` draws from N(0, scale²). */
export function normalArray(count: number, rng: Random, scale = 1): Float32Array {
  const draws = new Float32Array(count);
  for (let i = 0; i < count; i++) draws[i] = scale * rng.normal();
  return draws;
}

/** `count` draws from the uniform law on [-bound, bound). */
export function uniformArray(count: number, rng: Random, bound: number): Float32Array {
  const draws = new Float32Array(count);
  for (let i = 0; i < count; i++) draws[i] = bound * (2 * rng.uniform() - 1);
  return draws;
}
