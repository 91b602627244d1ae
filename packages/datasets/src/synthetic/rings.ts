import { createRandom } from '@ood/core';
import { logSumExp, requireMixture, type Toy, type ToyOptions, toyPoints } from './toy.ts';

export interface RingsOptions extends ToyOptions {
  /** Default: 1, 2, 3. */
  readonly radii?: readonly number[];
  /** Standard deviation of the radius. Default: 0.08. */
  readonly sigma?: number;
}

/**
 * Rings with normal radius r ~ N(rₖ, σ²) and uniform angle, labeled by ring. In the plane, with ρ = |x|:
 * p(x) = 1/K Σ [N(ρ; rₖ, σ²) + N(−ρ; rₖ, σ²)] / (2πρ); the second term is that of negative radii. At ρ = 0 it is infinite.
 *
 * @throws CoreError `INVALID_OPTION`.
 */
export function rings({ n, seed, radii = [1, 2, 3], sigma = 0.08 }: RingsOptions): Toy {
  requireMixture('rings', 'radii', radii.length, sigma);
  const random = createRandom(seed, 'rings');
  return {
    samples: toyPoints('rings', n, () => {
      const label = random.below(radii.length);
      const radius = radii[label]! + sigma * random.normal();
      const angle = 2 * Math.PI * random.uniform();
      return { x: radius * Math.cos(angle), y: radius * Math.sin(angle), label };
    }),
    logDensity(point) {
      const rho = Math.hypot(point[0]!, point[1]!);
      const terms = radii.flatMap(r =>
        [-((rho - r) ** 2), -((rho + r) ** 2)].map(square => square / (2 * sigma ** 2)),
      );
      return logSumExp(terms) - Math.log(Math.sqrt(2 * Math.PI) * sigma * radii.length * 2 * Math.PI * rho);
    },
  };
}
