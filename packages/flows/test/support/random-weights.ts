import { type NamedArray, seededRng, type Weights } from '../../src/index.ts';
import { normalDraw } from '../../src/random.ts';

interface Initialisable {
  initialise(rng: () => number): Weights;
}

/** Initial weights with every parameter moved by N(0, spread²), so that no network is zero. */
export function randomWeights(model: Initialisable, seed: number, spread = 0.3): Weights {
  const { parameters, constants } = model.initialise(seededRng(seed));
  const rng = seededRng(seed, 1);
  const moved: Record<string, NamedArray> = {};
  for (const [name, { shape, data }] of Object.entries(parameters)) {
    moved[name] = { shape, data: data.map(value => value + spread * normalDraw(rng)) };
  }
  return { parameters: moved, constants };
}
