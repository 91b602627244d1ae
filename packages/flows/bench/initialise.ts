/**
 * Times what happens before the first training step: building presets (rotations, whitening) and the whitenings.
 *
 *     pnpm --filter @ood/flows bench:initialise
 */
import { fde, glow, seededRng, whitening } from '../src/index.ts';
import { features } from './support/arguments.ts';
import { milliseconds, print } from './support/timing.ts';

const seconds = async (work: () => Promise<unknown>) => (await milliseconds(work)) / 1000;

const labels = (rows: number) => Int32Array.from({ length: rows }, (_, i) => i % 10);
const [narrow, medium, wide] = [features(10_000, 512), features(10_000, 768), features(10_000, 2048)];

print({
  bench: 'initialise',
  glow512: await seconds(() => glow().build({ features: narrow }, seededRng(1))),
  glow2048: await seconds(() => glow().build({ features: wide }, seededRng(1))),
  fde768: await seconds(() => fde().build({ features: medium, labels: labels(10_000) }, seededRng(1))),
  fde2048: await seconds(() => fde().build({ features: wide, labels: labels(10_000) }, seededRng(1))),
  fde768Clusters: await seconds(() => fde().build({ features: medium }, seededRng(1))),
  cholesky512: await seconds(() => whitening(narrow)),
  zca512: await seconds(() => whitening(narrow, { method: 'zca' })),
});
