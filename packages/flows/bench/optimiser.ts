/** Times one optimiser step on as many parameters as a Glow of 10 blocks has at d=512 and d=2048 has in 2. */
import { adamStep, globalNorm } from '../src/optimiser/adam.ts';
import { layOut } from '../src/optimiser/arena.ts';
import { median, milliseconds } from './support/timing.ts';

for (const count of [2 ** 23, 2 ** 25]) {
  for (const simd of [true, false]) {
    const slots = layOut([{ name: 'p', shape: [count] }], { simd });
    for (const { value, gradient } of slots) {
      value.fill(1);
      gradient.fill(1e-3);
    }
    let step = 0;
    const update = () => adamStep(slots, { step: ++step, learningRate: 1e-3 });
    const times = {
      step: median(7, () => milliseconds(update)),
      norm: median(7, () => milliseconds(() => globalNorm(slots))),
    };
    const line = { parameters: count, kernel: slots[0]!.kernel.kind, ...times };
    console.log(JSON.stringify(line));
  }
}
