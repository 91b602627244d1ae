import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  actNorm,
  affineCoupling,
  chain,
  classConditional,
  defineFlow,
  FlowsError,
  gaussianMixture,
  isFlowsError,
  luLinear,
  noPreparation,
  seededRng,
  splineCoupling,
  standardNormal,
  toTensors,
} from '../src/index.ts';
import { useQuietCpu } from './support/eager.ts';

beforeAll(useQuietCpu);

const norm = actNorm(3);
const weights = () => toTensors(norm.initialise(seededRng(1)).parameters);

describe('refusals', () => {
  it.each([
    ['a dimension of 0', () => actNorm(0), 'BAD_OPTION'],
    ['a fractional dimension', () => standardNormal(2.5), 'BAD_OPTION'],
    ['a coupling of one dimension', () => affineCoupling(1), 'BAD_OPTION'],
    ['a spline of one bin', () => splineCoupling(4, { bins: 1 }), 'BAD_OPTION'],
    ['a spline without room', () => splineCoupling(4, { bound: 0 }), 'BAD_OPTION'],
    ['more blocks than rows', () => luLinear(3, { blocks: 4 }), 'BAD_OPTION'],
    ['an empty chain', () => chain([]), 'BAD_OPTION'],
    ['a chain of two dimensions', () => chain([actNorm(2), actNorm(3)]), 'BAD_OPTION'],
    ['a mixture of nothing', () => gaussianMixture(2, { components: 0 }), 'BAD_OPTION'],
    ['no classes', () => classConditional(2, { classes: 0 }), 'BAD_OPTION'],
    [
      'parts that do not fit',
      () => defineFlow(noPreparation(3), actNorm(3), standardNormal(2)),
      'BAD_OPTION',
    ],
    ['rows of another width', () => norm.forward(weights(), tf.zeros([4, 2])), 'BAD_SHAPE'],
    ['a vector', () => norm.inverse(weights(), tf.zeros([3]) as unknown as tf.Tensor2D), 'BAD_SHAPE'],
    ['missing weights', () => norm.forward({}, tf.zeros([4, 3])), 'BAD_WEIGHTS'],
    [
      'weights of another shape',
      () => norm.forward({ ...weights(), shift: tf.zeros([4]) }, tf.zeros([4, 3])),
      'BAD_WEIGHTS',
    ],
    ['a density of other rows', () => standardNormal(3).logProb({}, tf.zeros([1, 2])), 'BAD_SHAPE'],
    [
      'raw rows of another width',
      () => defineFlow(noPreparation(3), norm, standardNormal(3)).prepare({}, tf.zeros([1, 2])),
      'BAD_SHAPE',
    ],
  ])('%s', (_, act, code) => {
    expect(act).toThrow(expect.objectContaining({ name: 'FlowsError', code }));
  });
});

it('errors say where, what was expected, what was received and what to do', () => {
  const error = new FlowsError({ code: 'BAD_SHAPE', where: 'here', expected: 'a', got: 'b', advice: 'do c' });
  expect(error.message).toBe('here: expected a, got b; do c');
  expect(isFlowsError(error)).toBe(true);
  expect(Reflect.get(error, Symbol.for('ood.error'))).toBe(true);
  expect(isFlowsError(new Error('other'))).toBe(false);
  expect(isFlowsError('text')).toBe(false);
});
