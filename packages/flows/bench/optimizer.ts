/**
 * Times one Adam step, in the SIMD kernel and in plain JavaScript.
 *
 *     pnpm --filter @ood/flows bench:optimizer
 */
import { adamStep, globalNorm } from '../src/optimizer/adam.ts';
import { layOut } from '../src/optimizer/arena.ts';
import { median, milliseconds, print } from './support/timing.ts';

for (const parameters of [2 ** 23, 2 ** 25]) {
  for (const simd of [true, false]) {
    const slots = layOut([{ name: 'p', shape: [parameters] }], { simd });
    for (const { value, gradient } of slots) {
      value.fill(1);
      gradient.fill(1e-3);
    }
    const steps: number[] = [];
    const norms: number[] = [];
    for (let step = 1; step <= 8; step++) {
      steps.push(await milliseconds(() => adamStep(slots, { step, learningRate: 1e-3 })));
      norms.push(await milliseconds(() => globalNorm(slots)));
    }
    print({ parameters, kernel: slots[0]!.kernel.kind, stepMs: median(steps), normMs: median(norms) });
  }
}
