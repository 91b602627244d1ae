import { createRandom, type DenseArray, type Random } from '@ood/core';
import type { Weights } from '../contract/arrays.ts';

interface Initializable {
  initialize(rng: Random): Weights;
}

/** Initial weights with every parameter moved by N(0, spread²), so that no network is zero. */
export function randomWeights(model: Initializable, seed: number, spread = 0.3): Weights {
  const { parameters, constants } = model.initialize(createRandom(seed));
  const rng = createRandom(seed, 1);
  const moved: Record<string, DenseArray<Float32Array>> = {};
  for (const [name, { shape, data }] of Object.entries(parameters)) {
    moved[name] = { shape, data: data.map(value => value + spread * rng.normal()) };
  }
  return { parameters: moved, constants };
}
