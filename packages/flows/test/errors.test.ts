import { createRandom, isOodError } from '@ood/core';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  actNorm,
  affineCoupling,
  autoregressiveAffine,
  chain,
  classConditional,
  createFlow,
  type Density,
  defineBijection,
  defineDensity,
  defineFlow,
  FlowsError,
  fde,
  gaussianMixture,
  glow,
  luLinear,
  noPreparation,
  normalize,
  permutationWeights,
  project,
  realNvp,
  residualBlock,
  sequence,
  splineCoupling,
  standardNormal,
  toTensors,
} from '../src/index.ts';
import { useQuietCpu } from './support/eager.ts';

beforeAll(useQuietCpu);

const norm = actNorm(3);
const weights = () => toTensors(norm.initialize(createRandom(1)).parameters);
const flow = defineFlow(noPreparation(3), norm, standardNormal(3));

describe('refusals', () => {
  it.each([
    ['a dimension of 0', () => actNorm(0), 'INVALID_OPTION'],
    ['a fractional dimension', () => standardNormal(2.5), 'INVALID_OPTION'],
    ['a coupling of one dimension', () => affineCoupling(1), 'INVALID_OPTION'],
    ['a spline of one bin', () => splineCoupling(4, { bins: 1 }), 'INVALID_OPTION'],
    ['a spline without room', () => splineCoupling(4, { bound: 0 }), 'INVALID_OPTION'],
    ['more blocks than rows', () => luLinear(3, { blocks: 4 }), 'INVALID_OPTION'],
    ['an empty chain', () => chain([]), 'INVALID_OPTION'],
    ['a mistyped option', () => affineCoupling(4, { hiden: [3] } as object), 'INVALID_OPTION'],
    ['a part that nobody keeps', () => affineCoupling(4, { kept: 'evens' as 'even' }), 'INVALID_OPTION'],
    ['a log-scale without room', () => affineCoupling(4, { bound: 0 }), 'INVALID_OPTION'],
    ['a layer of no units', () => affineCoupling(4, { hidden: [0] }), 'INVALID_OPTION'],
    ['a width instead of widths', () => autoregressiveAffine(4, { hidden: 8 as never }), 'INVALID_OPTION'],
    ['a spline without end', () => splineCoupling(4, { bound: Number.POSITIVE_INFINITY }), 'INVALID_OPTION'],
    ['a residual block that expands', () => residualBlock(4, { coefficient: 1.5 }), 'INVALID_OPTION'],
    ['a series of no terms', () => residualBlock(40, { terms: 0 }), 'INVALID_OPTION'],
    [
      'a mistyped reading',
      () => classConditional(4, { classes: 2, reading: 'near' as never }),
      'INVALID_OPTION',
    ],
    ['a preset of no blocks', () => glow({ blocks: 0 }), 'INVALID_OPTION'],
    ['a preset with a mistyped option', () => fde({ cluster: 3 } as object), 'INVALID_OPTION'],
    ['a background weight of 1', () => fde({ background: 1 }), 'INVALID_OPTION'],
    ['networks of no width', () => fde({ width: 0 }), 'INVALID_OPTION'],
    ['a preset with a mistyped option', () => realNvp({ block: 3 } as object), 'INVALID_OPTION'],
    ['a preparation of no columns', () => normalize(0), 'INVALID_OPTION'],
    ['a projection to less than nothing', () => project(4, -1), 'INVALID_OPTION'],
    ['no preparations', () => sequence([]), 'INVALID_OPTION'],
    ['preparations that do not fit', () => sequence([normalize(3), project(4, 2)]), 'INVALID_OPTION'],
    ['an order that is none', () => permutationWeights([0, 2, 2]), 'INVALID_OPTION'],
    [
      'an engine that does not exist',
      () => createFlow(flow, norm.initialize(createRandom(1)), { engine: 'onxx' as 'onnx' }),
      'INVALID_OPTION',
    ],
    ['a chain of two dimensions', () => chain([actNorm(2), actNorm(3)]), 'INVALID_OPTION'],
    ['a mixture of nothing', () => gaussianMixture(2, { components: 0 }), 'INVALID_OPTION'],
    ['no classes', () => classConditional(2, { classes: 0 }), 'INVALID_OPTION'],
    [
      'parts that do not fit',
      () => defineFlow(noPreparation(3), actNorm(3), standardNormal(2)),
      'INVALID_OPTION',
    ],
    ['rows of another width', () => norm.forward(weights(), tf.zeros([4, 2])), 'WRONG_SHAPE'],
    ['a vector', () => norm.inverse(weights(), tf.zeros([3]) as unknown as tf.Tensor2D), 'WRONG_SHAPE'],
    ['missing weights', () => norm.forward({}, tf.zeros([4, 3])), 'BAD_WEIGHTS'],
    [
      'weights of another shape',
      () => norm.forward({ ...weights(), shift: tf.zeros([4]) }, tf.zeros([4, 3])),
      'BAD_WEIGHTS',
    ],
    ['a density of other rows', () => standardNormal(3).logProb({}, tf.zeros([1, 2])), 'WRONG_SHAPE'],
    [
      'raw rows of another width',
      () => defineFlow(noPreparation(3), norm, standardNormal(3)).prepare({}, tf.zeros([1, 2])),
      'WRONG_SHAPE',
    ],
  ])('%s', (_, act, code) => {
    expect(act).toThrow(expect.objectContaining({ code, [Symbol.for('ood.error')]: true }));
  });
});

describe('an implementation that breaks its contract', () => {
  const nothing = { dim: 3, options: { dim: 3 }, parameters: {}, constants: {} };
  const x = () => tf.zeros([4, 3]) as tf.Tensor2D;
  const mapping = (map: (x: tf.Tensor2D) => { value: tf.Tensor; logDet: tf.Tensor }) => {
    const direction = (_: unknown, rows: tf.Tensor2D) =>
      map(rows) as { value: tf.Tensor2D; logDet: tf.Tensor };
    const initialize = () => ({ parameters: {}, constants: {} });
    const bijection = { ...nothing, kind: 'mine', initialize, forward: direction, inverse: direction };
    return defineBijection(bijection).forward({}, x());
  };

  it.each([
    [
      'keeps a column of log-determinants',
      () => mapping(v => ({ value: v, logDet: tf.sum(v, 1, true) })),
      '[4,1]',
    ],
    ['forgets to sum them', () => mapping(v => ({ value: v, logDet: v })), '[4,3]'],
    ['sums them over the rows', () => mapping(v => ({ value: v, logDet: tf.sum(v, 0) })), '[3]'],
    ['gives a number', () => mapping(v => ({ value: v, logDet: 0 as never })), 'logDet 0'],
    ['loses columns', () => mapping(v => ({ value: tf.slice(v, [0, 1]), logDet: tf.scalar(0) })), '[4,2]'],
    [
      'is a density of the batch',
      () => {
        const logProb = (_: unknown, z: tf.Tensor2D) => tf.sum(z) as unknown as tf.Tensor1D;
        return defineDensity({ ...nothing, kind: 'mine', logProb } as unknown as Density).logProb({}, x());
      },
      'shape []',
    ],
  ])('is told so where it %s', (_, act, got) => {
    const failure = (() => {
      try {
        return act();
      } catch (error) {
        return error;
      }
    })();
    expect(isOodError(failure) && failure.code).toBe('WRONG_SHAPE');
    expect((failure as FlowsError).got).toContain(got);
    expect((failure as FlowsError).where).toContain('mine');
  });
});

it('errors say where, what was expected, what was received and what to do', () => {
  const error = new FlowsError('WRONG_SHAPE', { where: 'here', expected: 'a', got: 'b', advice: 'do c' });
  expect(error.message).toBe('here: expected a, got b; do c');
  expect(error.kind).toBe('input');
  expect(isOodError(error, 'WRONG_SHAPE')).toBe(true);
});
