import { createRandom } from '@ood/core';
import { logSumExp, requireMixture, type Toy, type ToyOptions, toyPoints } from './toy.ts';

export interface BlobsOptions extends ToyOptions {
  /** Centres `[k][2]`. Default: three on a circle of radius 4. */
  readonly centers?: readonly (readonly [number, number])[];
  /** Standard deviation of each blob. Default: 0.6. */
  readonly sigma?: number;
}

const THREE: readonly (readonly [number, number])[] = [0, 1, 2].map(k => [
  4 * Math.cos((2 * Math.PI * k) / 3),
  4 * Math.sin((2 * Math.PI * k) / 3),
]);

/** Equal mixture of round Gaussians, labeled by component: p(x) = 1/k Σ N(x; cⱼ, σ²I). @throws CoreError `INVALID_OPTION`. */
export function blobs({ n, seed, centers = THREE, sigma = 0.6 }: BlobsOptions): Toy {
  requireMixture('blobs', 'centers', centers.length, sigma);
  const random = createRandom(seed, 'blobs');
  return {
    samples: toyPoints('blobs', n, () => {
      const label = random.below(centers.length);
      const [cx, cy] = centers[label]!;
      return { x: cx + sigma * random.normal(), y: cy + sigma * random.normal(), label };
    }),
    logDensity(point) {
      const terms = centers.map(
        ([cx, cy]) => -((point[0]! - cx) ** 2 + (point[1]! - cy) ** 2) / (2 * sigma ** 2),
      );
      return logSumExp(terms) - Math.log(2 * Math.PI * sigma ** 2 * centers.length);
    },
  };
}
