/**
 * Times what happens before the first training step: building presets (rotations, whitening) and the whitenings.
 *
 *     pnpm --filter @ood/flows bench:initialize
 */
import { createRandom } from '@ood/core';
import { fde, glow, whitening } from '../src/index.ts';
import { features } from './support/arguments.ts';
import { milliseconds, print } from './support/timing.ts';

const seconds = async (work: () => Promise<unknown>) => (await milliseconds(work)) / 1000;

const labels = (rows: number) => Int32Array.from({ length: rows }, (_, i) => i % 10);
const [narrow, medium, wide] = [features(10_000, 512), features(10_000, 768), features(10_000, 2048)];

print({
  bench: 'initialize',
  glow512: await seconds(() => glow().build({ features: narrow }, createRandom(1))),
  glow2048: await seconds(() => glow().build({ features: wide }, createRandom(1))),
  fde768: await seconds(() => fde().build({ features: medium, labels: labels(10_000) }, createRandom(1))),
  fde2048: await seconds(() => fde().build({ features: wide, labels: labels(10_000) }, createRandom(1))),
  fde768Clusters: await seconds(() => fde().build({ features: medium }, createRandom(1))),
  cholesky512: await seconds(() => whitening(narrow)),
  zca512: await seconds(() => whitening(narrow, { method: 'zca' })),
});
