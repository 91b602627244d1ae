import type { Random } from '@ood/core';

/**
 * Fills `target` with draws from N(0, scale²) (Marsaglia's polar method, both members of each pair used).
 * Several times as fast as one call a number: a step needs batch × dim of them.
 */
export function fillNormal(target: Float32Array, rng: Random, scale: number): void {
  for (let i = 0; i < target.length; ) {
    const u = 2 * rng.uniform() - 1;
    const v = 2 * rng.uniform() - 1;
    const s = u * u + v * v;
    if (s >= 1 || s === 0) continue;
    const factor = scale * Math.sqrt((-2 * Math.log(s)) / s);
    target[i++] = u * factor;
    if (i < target.length) target[i++] = v * factor;
  }
}
