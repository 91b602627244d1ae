import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, it } from 'vitest';
import { type Bijection, defineBijection } from '../src/index.ts';
import { bijectionLaws } from '../src/laws/index.ts';
import { leaky } from './example/leaky.ts';
import { useQuietCpu } from './support/eager.ts';

beforeAll(useQuietCpu);

const sound = leaky(3);
const changed = (change: Partial<Bijection>): Bijection => defineBijection({ ...sound, ...change });
const doubled = changed({
  forward: (t, x) => {
    const { value, logDet } = sound.forward(t, x);
    return { value: tf.mul(2, value) as tf.Tensor2D, logDet };
  },
  inverse: (t, z) => sound.inverse(t, tf.div(z, 2)),
});
const build = () => sound;

/** A fault, the law that finds it, and the implementation. */
const faults: readonly (readonly [string, string, Bijection])[] = [
  ['declares other shapes', 'has weights of the declared shapes', changed({ parameters: {} })],
  ['has an inverse of something else', 'inverse undoes', changed({ inverse: sound.forward })],
  ['doubles, which it does not count', 'by automatic differentiation', doubled],
  ['doubles, which it does not count', 'finite differences', doubled],
  [
    'has log-determinants that both count up',
    'log-determinants of the two directions cancel',
    changed({ inverse: (t, z) => ({ ...sound.inverse(t, z), logDet: tf.scalar(1) }) }),
  ],
  [
    'looks at the rows beside a row',
    'maps row by row',
    changed({
      forward: (t, x) => {
        const { value, logDet } = sound.forward(t, x);
        return { value: tf.sub(value, tf.mean(x, 0)) as tf.Tensor2D, logDet };
      },
    }),
  ],
  [
    'has a parameter that nothing depends on',
    'gives every parameter a gradient',
    changed({
      parameters: { ...sound.parameters, idle: [2] },
      initialize: rng => {
        const { parameters, constants } = sound.initialize(rng);
        return {
          parameters: { ...parameters, idle: { shape: [2], data: new Float32Array(2) } },
          constants,
        };
      },
      forward: ({ logSlope, idle }, x) => {
        const { value, logDet } = sound.forward({ logSlope: logSlope! }, x);
        return { value, logDet: tf.add(logDet, tf.mul(0, tf.sum(idle!))) };
      },
      inverse: ({ logSlope }, z) => sound.inverse({ logSlope: logSlope! }, z),
    }),
  ],
  [
    'reads the numbers of a tensor',
    'recorded equals eager',
    changed({ forward: (t, x) => (x.dataSync()[0]! > 1e30 ? sound.inverse(t, x) : sound.forward(t, x)) }),
  ],
  [
    'knows the batch size at recording alone',
    'recorded equals eager',
    changed({
      forward: (t, x) => {
        const { value, logDet } = sound.forward(t, x);
        return { value, logDet: tf.add(logDet, x.shape[0]) };
      },
    }),
  ],
  [
    'overflows',
    'any magnitude',
    changed({
      forward: (t, x) => {
        const { value, logDet } = sound.forward(t, x);
        const nothing = tf.sub(tf.exp(tf.abs(x)), tf.exp(tf.abs(x)));
        return { value: tf.add(value, nothing) as tf.Tensor2D, logDet };
      },
    }),
  ],
];

it.each(faults)('a bijection that %s breaks the law "… %s …"', async (_what, law, bijection) => {
  const found = bijectionLaws(bijection, { build }).filter(({ name }) => name.includes(law));
  expect(found).toHaveLength(1);
  await expect(found[0]!.check()).rejects.toThrow();
});

it('a bijection that is rebuilt as another breaks the law of files', async () => {
  const { check } = bijectionLaws(sound, { build: () => leaky(4) }).find(({ name }) =>
    name.startsWith('saved and loaded'),
  )!;
  await expect(check()).rejects.toThrow();
});
