// A bijection of your own: held to the laws of bijections, trained as a link of a flow, saved and loaded by its kind.
import { createRandom } from '@ood/core';
import {
  actNorm,
  type Bijection,
  chain,
  decodeFlow,
  defineBijection,
  defineFlow,
  encodeFlow,
  fit,
  noPreparation,
  type Preset,
  standardNormal,
} from '@ood/flows';
import { bijectionLaws } from '@ood/flows/laws';
import * as tf from '@tensorflow/tfjs';

/** z = asinh(a x) / a, column by column, a = exp(logScale): far values come near, as suits heavy tails. */
export function heavyTails(dim: number): Bijection {
  return defineBijection({
    kind: 'heavy-tails',
    dim,
    options: { dim },
    parameters: { logScale: [dim] },
    constants: {},
    initialize: () => ({
      parameters: { logScale: { shape: [dim], data: new Float32Array(dim) } },
      constants: {},
    }),
    forward({ logScale }, x) {
      const scale = tf.exp(logScale!);
      const scaled = tf.mul(x, scale);
      const logDerivative = tf.mul(-0.5, tf.log1p(tf.square(scaled)));
      return {
        value: tf.div(tf.asinh(scaled), scale) as tf.Tensor2D,
        logDet: tf.sum(logDerivative, 1),
      };
    },
    inverse({ logScale }, z) {
      const scale = tf.exp(logScale!);
      const scaled = tf.mul(z, scale);
      return {
        value: tf.div(tf.sinh(scaled), scale) as tf.Tensor2D,
        logDet: tf.sum(tf.log(tf.cosh(scaled)), 1),
      };
    },
  });
}

const build = ({ dim }: Readonly<Record<string, unknown>>) => heavyTails(dim as number);
const laws = [1, 2, 5].flatMap(dim => bijectionLaws(heavyTails(dim), { build }));
for (const { check } of laws) await check();
console.log(`Holds to all ${laws.length} laws`);

const tails: Preset = {
  name: 'tails',
  training: { epochs: 30, learningRate: 0.02, validationFraction: 0.2 },
  async build({ features: { cols } }, random) {
    const links = chain([actNorm(cols), heavyTails(cols), actNorm(cols)]);
    const model = defineFlow(noPreparation(cols), links, standardNormal(cols));
    return { model, weights: model.initialize(random) };
  },
};

// Student's t with 2 degrees of freedom: a normal draw over the root of half a χ².
const random = createRandom('tails');
const student = () => random.normal() / Math.sqrt((random.normal() ** 2 + random.normal() ** 2) / 2);
const rows = { rows: 2000, cols: 2, data: Float32Array.from({ length: 4000 }, student) };
const { flow, history } = await fit(tails, rows, { seed: 1, batchSize: 200 });
const gain = history.validations[0]!.loss - history.best!.loss;
console.log(`Training ${gain > 0.05 ? 'made' : 'did not make'} unseen rows more likely`);

const again = decodeFlow(encodeFlow(flow), { bijections: { 'heavy-tails': build } });
const [before, after] = [await flow.logProb(rows), await again.logProb(rows)];
console.log(
  `Saved and loaded it scores ${before.every((value, i) => value === after[i]) ? 'the same' : 'otherwise'}`,
);
await flow.close();
await again.close();
