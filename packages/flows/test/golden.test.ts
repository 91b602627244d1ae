import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { type NamedTensors, toTensors, type Weights } from '../src/index.ts';
import { expectClose } from './support/close.ts';
import { useQuietCpu } from './support/eager.ts';
import { type GoldenFlow, modelOf, readGolden, weightsOf } from './support/normflows.ts';

beforeAll(useQuietCpu);

const tensorsOf = ({ parameters, constants }: Weights) => toTensors({ ...parameters, ...constants });

describe.each(['flows-glow.json', 'flows-realnvp.json'])(
  '%s: half-split flow equals the full-width reference',
  name => {
    const golden = readGolden<GoldenFlow>(name);
    const model = modelOf(golden);
    const weights = weightsOf(golden);
    const batch = () => tf.tensor2d(golden.x);

    it('latents and log-densities', () => {
      const t = tensorsOf(weights);
      expectClose(model.transform(t, batch()).dataSync(), golden.z.flat(), 1e-4);
      expectClose(model.logProb(t, batch()).dataSync(), golden.log_prob, 1e-4);
    });

    it('the log-determinant of each layer', () => {
      const { layers } = model.trace(tensorsOf(weights), batch());
      for (const [i, step] of golden.trace_of_log_prob.entries()) {
        expectClose(tf.add(layers[i]!.logDet, tf.zeros([golden.x.length])).dataSync(), step.log_det, 1e-4);
      }
    });

    it('sampling', () => {
      const { value, logDet } = model.bijection.inverse(
        tensorsOf(weightsUnder(weights)),
        tf.tensor2d(golden.sampling.z),
      );
      expectClose(value.dataSync(), golden.sampling.x.flat(), 1e-4);
      expectClose(tf.add(logDet, tf.zeros([golden.x.length])).dataSync(), golden.sampling.log_det, 1e-4);
    });

    it('gradients of the mean negative log-likelihood', () => {
      const wanted = weightsOf(golden, golden.gradient_of_mean_nll.gradients).parameters;
      const { value, gradients } = lossAndGradients(weights);
      expectClose([value], [golden.gradient_of_mean_nll.loss], 1e-4);
      for (const key of Object.keys(weights.parameters))
        expectClose(gradients[key]!, wanted[key]!.data, 1e-3);
    });

    it('data-dependent initialization of every ActNorm', () => {
      const t = tensorsOf(weights);
      const adapted = model.adapt(t, batch());
      const last = golden.flows.length - 1;
      for (const [flow, { s, t: shift }] of Object.entries(golden.actnorm_initialised_on_x.actnorm)) {
        const link = last - Number(flow.split('.')[1]);
        expectClose(adapted[`bijection.${link}.logScale`]!.dataSync(), s, 1e-4);
        expectClose(adapted[`bijection.${link}.shift`]!.dataSync(), shift, 1e-4);
      }
      expectClose(
        model.logProb({ ...t, ...adapted }, batch()).dataSync(),
        golden.actnorm_initialised_on_x.log_prob,
        1e-4,
      );
    });

    it('five steps of Adam', () => {
      const { steps, lr, betas, eps, loss_before_each_step, log_prob_after } = golden.adam;
      const current = structuredClone(weights);
      const moments = new Map<string, { first: Float64Array; second: Float64Array }>();
      const losses: number[] = [];
      for (let step = 1; step <= steps; step++) {
        const { value, gradients } = lossAndGradients(current);
        losses.push(value);
        for (const [key, { data }] of Object.entries(current.parameters)) {
          const gradient = gradients[key]!;
          const state = moments.get(key) ?? {
            first: new Float64Array(data.length),
            second: new Float64Array(data.length),
          };
          moments.set(key, state);
          for (let i = 0; i < data.length; i++) {
            state.first[i] = betas[0] * state.first[i]! + (1 - betas[0]) * gradient[i]!;
            state.second[i] = betas[1] * state.second[i]! + (1 - betas[1]) * gradient[i]! ** 2;
            const second = Math.sqrt(state.second[i]! / (1 - betas[1] ** step)) + eps;
            data[i]! -= (lr * state.first[i]!) / (1 - betas[0] ** step) / second;
          }
        }
      }
      expectClose(losses, loss_before_each_step, 1e-4);
      expectClose(model.logProb(tensorsOf(current), batch()).dataSync(), log_prob_after, 1e-4);
    });

    function lossAndGradients({ parameters, constants }: Weights) {
      return tf.tidy(() => {
        const fixed: NamedTensors = toTensors(constants);
        const names = Object.keys(parameters);
        const values = names.map(key => toTensors({ p: parameters[key]! }).p!);
        const loss = (...tensors: tf.Tensor[]) =>
          tf.neg(
            tf.mean(
              model.logProb(
                { ...fixed, ...Object.fromEntries(names.map((key, i) => [key, tensors[i]!])) },
                batch(),
              ),
            ),
          ) as tf.Scalar;
        const { value, grads } = tf.valueAndGrads(loss)(values);
        return {
          value: value.dataSync()[0]!,
          gradients: Object.fromEntries(
            names.map((key, i) => [key, Float32Array.from(grads[i]!.dataSync())]),
          ),
        };
      });
    }
  },
);

function weightsUnder({ parameters, constants }: Weights): Weights {
  const strip = <T>(named: Readonly<Record<string, T>>) =>
    Object.fromEntries(Object.entries(named).map(([key, value]) => [key.replace(/^bijection\./, ''), value]));
  return { parameters: strip(parameters), constants: strip(constants) };
}

it('reads the reference files', () => {
  expect(readGolden<GoldenFlow>('flows-glow.json').flows).toHaveLength(9);
});
