import { createRandom } from '@ood/core';
import type { VectorSample } from '../contract/sample.ts';
import type { IndexedSamples } from '../contract/samples.ts';
import { type ToyOptions, toyPoints } from './toy.ts';

export interface MoonsOptions extends ToyOptions {
  /** Standard deviation of the noise. Default: 0.1. */
  readonly sigma?: number;
}

/**
 * Two interleaved half circles with Gaussian noise, labeled 0 (upper) and 1 (lower), placed as scikit-learn's
 * `make_moons`. Their density has no closed form, so there is none here.
 */
export function moons({ n, seed, sigma = 0.1 }: MoonsOptions): {
  readonly samples: IndexedSamples<VectorSample>;
} {
  const random = createRandom(seed, 'moons');
  return {
    samples: toyPoints('moons', n, () => {
      const label = random.below(2);
      const angle = Math.PI * random.uniform();
      const x = label === 0 ? Math.cos(angle) : 1 - Math.cos(angle);
      const y = label === 0 ? Math.sin(angle) : 0.5 - Math.sin(angle);
      return { x: x + sigma * random.normal(), y: y + sigma * random.normal(), label };
    }),
  };
}
