// Vectors → a density: build a flow from parts, train it on two moons, ask it what is usual, draw from it, export it as ONNX.
import { writeFile } from 'node:fs/promises';
import { createRandom } from '@ood/core';
import { moons, toMatrix } from '@ood/datasets';
import {
  actNorm,
  chain,
  defineFlow,
  fit,
  joinWeights,
  luLinear,
  noPreparation,
  type Preset,
  splineCoupling,
  standardNormal,
  toOnnx,
} from '@ood/flows';

/** Rational-quadratic splines on plain vectors. The presets of the package divide each row by its length first, as suits features. */
const splines: Preset = {
  name: 'splines',
  training: { optimizer: 'adamw', learningRate: 2e-3, schedule: 'cosine' },
  async build({ features: { cols } }, random) {
    const blocks = Array.from({ length: 3 }, () => [
      actNorm(cols),
      luLinear(cols),
      splineCoupling(cols, { bins: 8, bound: 4 }),
    ]);
    const model = defineFlow(noPreparation(cols), chain(blocks.flat()), standardNormal(cols));
    return { model, weights: joinWeights({ bijection: model.bijection.initialize(random) }) };
  },
};

const { samples } = moons({ n: 2000, seed: 1 });
const rows = await toMatrix(samples);
const { flow, history } = await fit(splines, rows, { seed: 1, epochs: 20, batchSize: 200 });
console.log(`Trained for ${history.steps} steps`);

const point = (x: number, y: number) => ({ rows: 1, cols: 2, data: Float32Array.of(x, y) });
const usual = await flow.logProb(rows);
const [strange = 0] = await flow.logProb(point(4, 4));
const below = usual.filter(logProb => logProb > strange).length / usual.length;
console.log(`A point far away is less likely than ${(100 * below).toFixed(1)} % of the points seen`);

const drawn = await flow.sample(5, createRandom(2));
console.log(`Drew ${drawn.rows} new points of ${drawn.cols} numbers`);

await writeFile('flow.onnx', await toOnnx(flow)); // features [batch, 2] → log_prob [batch]
await flow.close();
