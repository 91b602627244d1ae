import { createRandom } from '@ood/core';
import {
  actNorm,
  affineCoupling,
  chain,
  createFlow,
  decodeFlow,
  defineFlow,
  encodeFlow,
  fit,
  type Json,
  noPreparation,
  type Preset,
  standardNormal,
  toOnnx,
} from '@ood/flows';
import { bijectionLaws } from '@ood/flows/laws';
import { nodeRuntime } from '@ood/onnx/node';
import { beforeAll, describe, expect, it } from 'vitest';
import { normalArray } from '../src/random.ts';
import { leaky } from './example/leaky.ts';
import { expectClose } from './support/close.ts';
import { useQuietCpu } from './support/eager.ts';

beforeAll(useQuietCpu);

const dim = 4;
const x = { rows: 10, cols: dim, data: normalArray(10 * dim, createRandom(1)) };

describe.each([1, 4])('a bijection from outside the package, %i-d', dim => {
  const build = (options: Readonly<Record<string, Json>>) => leaky(options.dim as number);
  it.each(bijectionLaws(leaky(dim), { build }))('$name', ({ check }) => check());
});

it('a bijection from outside the package is recorded, saved, loaded and exported like its own', async () => {
  const model = defineFlow(noPreparation(dim), chain([leaky(dim), affineCoupling(dim)]), standardNormal(dim));
  const flow = createFlow(model, model.initialize(createRandom(2)));
  const scores = await flow.logProb(x);

  const wanted = Array.from({ length: 10 }, (_, i) => {
    let sum = -0.5 * dim * Math.log(2 * Math.PI);
    for (const v of x.data.slice(i * dim, (i + 1) * dim))
      sum += v < 0 ? -0.5 - 0.5 * (v * Math.exp(-0.5)) ** 2 : -0.5 * v * v;
    return sum;
  });
  expectClose(scores, wanted, 1e-5);

  const bytes = encodeFlow(flow);
  expect(() => decodeFlow(bytes)).toThrow(/bijections: \{ 'leaky'/);
  const loaded = decodeFlow(bytes, { bijections: { leaky: options => leaky(options.dim as number) } });
  expect(await loaded.logProb(x)).toEqual(scores);

  const session = await nodeRuntime.createSession(await toOnnx(flow));
  const { log_prob } = await session.run({ features: { type: 'float32', dims: [10, dim], data: x.data } });
  expectClose(log_prob!.data as Float32Array, wanted, 1e-5);
  await Promise.all([session.close(), flow.close(), loaded.close()]);
});

it('and trained like its own, in a preset from outside the package', async () => {
  const mine: Preset = {
    name: 'mine',
    training: { epochs: 10, learningRate: 0.02, validationFraction: 0.2 },
    async build({ features: { cols } }, rng) {
      const model = defineFlow(
        noPreparation(cols),
        chain([actNorm(cols), leaky(cols)]),
        standardNormal(cols),
      );
      return { model, weights: model.initialize(rng) };
    },
  };
  // Normal above zero, and twice as wide below: the slope to be found is one half.
  const draws = normalArray(1000 * dim, createRandom(3)).map(value => (value < 0 ? 2 * value : value));
  const { flow, history } = await fit(
    mine,
    { rows: 1000, cols: dim, data: draws },
    { batchSize: 50, threads: 1 },
  );
  expect(history.best!.loss).toBeLessThan(history.validations[0]!.loss);
  expect(flow.about).toMatchObject({ preset: 'mine', settings: { epochs: 10, optimizer: 'adam', noise: 0 } });
  const { 'bijection.1.logSlope': slope } = flow.weights.parameters;
  expect(slope!.data).not.toEqual(new Float32Array(dim).fill(-0.5));
  await flow.close();
});
