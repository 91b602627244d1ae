import { createRandom } from '@ood/core';
import { nodeRuntime } from '@ood/onnx/node';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  actNorm,
  type Bijection,
  chain,
  classConditional,
  createFlow,
  defineFlow,
  diagonalNormal,
  type Flow,
  gaussianMixture,
  joinWeights,
  luLinear,
  type Matrix,
  noPreparation,
  residualBlock,
  standardNormal,
  type Weights,
} from '../src/index.ts';
import { randomWeights } from '../src/laws/random-weights.ts';
import { normalArray } from '../src/random.ts';
import { expectClose } from './support/close.ts';
import { useQuietCpu } from './support/eager.ts';

beforeAll(useQuietCpu);

const matrix = (rows: number, cols: number, seed = 1): Matrix => ({
  rows,
  cols,
  data: normalArray(rows * cols, createRandom(seed)),
});

/** Both engines on the same flow. */
async function withEngines<T>(
  flow: Parameters<typeof createFlow>,
  use: (onnx: Flow, eager: Flow) => Promise<T>,
) {
  const [model, weights] = flow;
  const onnx = createFlow(model, weights, { runtime: nodeRuntime, threads: 1 });
  const eager = createFlow(model, weights, { engine: 'tfjs' });
  try {
    return await use(onnx, eager);
  } finally {
    await onnx.close();
    await eager.close();
  }
}

describe.each([
  ['standardNormal', standardNormal(4)],
  ['diagonalNormal', diagonalNormal(4)],
  ['gaussianMixture, fixed', gaussianMixture(4, { components: 2, trained: false })],
  ['classConditional, mixture', classConditional(4, { classes: 3 })],
  ['classConditional, nearest', classConditional(4, { classes: 3, reading: 'nearest' })],
])('base %s', (_, base) => {
  it('recorded equals eager, in batches of 1, 7 and 250', async () => {
    const model = defineFlow(noPreparation(4), actNorm(4), base);
    const weights = randomWeights(model, 9);
    await withEngines([model, weights], async (onnx, eager) => {
      const x = matrix(250, 4);
      const wanted = await eager.logProb(x);
      for (const batchSize of [1, 7, 250]) expectClose(await onnx.logProb(x, { batchSize }), wanted, 1e-5);
    });
  });
});

describe('a fitted flow', () => {
  const model = defineFlow(noPreparation(6), chain([actNorm(6), luLinear(6), actNorm(6)]), standardNormal(6));
  const weights = randomWeights(model, 1);

  it('gives nothing for no rows', async () => {
    const flow = createFlow(model, weights);
    expect(await flow.logProb(matrix(0, 6))).toHaveLength(0);
    expect((await flow.trace(matrix(0, 6))).layers).toHaveLength(3);
    await flow.close();
  });

  it('stops where its signal says so', async () => {
    const flow = createFlow(model, weights);
    const stop = AbortSignal.abort(new Error('enough'));
    await expect(flow.logProb(matrix(3, 6), { signal: stop })).rejects.toThrow('enough');
    await flow.close();
  });

  it('finishes what it was asked before it closes', async () => {
    const flow = createFlow(model, weights);
    const rows = matrix(300, 6);
    const scores = flow.logProb(rows, { batchSize: 1 });
    await flow.close();
    expect(await scores).toHaveLength(300);
  });

  it.each([
    ['another width', (flow: Flow) => flow.logProb(matrix(3, 5)), 'WRONG_SHAPE'],
    [
      'a torn matrix',
      (flow: Flow) => flow.logProb({ rows: 3, cols: 6, data: new Float32Array(17) }),
      'WRONG_SHAPE',
    ],
    [
      'numbers of another kind',
      (flow: Flow) => flow.logProb({ ...matrix(1, 6), data: new Float64Array(6) as unknown as Float32Array }),
      'WRONG_SHAPE',
    ],
    ['part of a row', (flow: Flow) => flow.logProb({ ...matrix(9, 6), rows: 1.5 }), 'WRONG_SHAPE'],
    ['batches of nothing', (flow: Flow) => flow.logProb(matrix(3, 6), { batchSize: 0 }), 'INVALID_OPTION'],
    ['a mistyped option', (flow: Flow) => flow.trace(matrix(3, 6), { batch: 9 } as object), 'INVALID_OPTION'],
    ['fewer samples than none', (flow: Flow) => flow.sample(-1, createRandom(1)), 'INVALID_OPTION'],
    [
      'NaN',
      (flow: Flow) => flow.transform({ rows: 1, cols: 6, data: new Float32Array(6).fill(Number.NaN) }),
      'NON_FINITE',
    ],
    [
      'use after close',
      async (flow: Flow) => {
        await flow.close();
        return flow.logProb(matrix(1, 6));
      },
      'CLOSED',
    ],
  ] as const)('refuses %s', async (_, act, code) => {
    const flow = createFlow(model, weights);
    await expect(act(flow)).rejects.toMatchObject({ code });
    await flow.close();
  });

  it.each([
    ['that are not finite', Float32Array.of(1, 2, Number.NaN, 4, 5, 6), 'got NaN'],
    ['that are torn', new Float32Array(5), '5 in Float32Array'],
    ['of another kind', new Float64Array(6) as unknown as Float32Array, '6 in Float64Array'],
  ])('refuses weights %s', (_, data, got) => {
    const parameters = { ...weights.parameters, 'bijection.0.shift': { shape: [6], data } };
    const act = () => createFlow(model, { ...weights, parameters });
    expect(act).toThrow(expect.objectContaining({ code: 'BAD_WEIGHTS' }));
    expect(act).toThrow(got);
  });

  it('refuses weights of another model', () => {
    expect(() => createFlow(model, { parameters: {}, constants: {} })).toThrow(
      /createFlow: expected 'bijection/,
    );
  });
});

it('with probes that span the space and enough terms, the series is the exact log-determinant', async () => {
  // The mean of v vᵀ over the rows v of a Hadamard matrix is the identity, so that the traces are exact.
  const hadamard = Float32Array.from({ length: 16 }, (_, i) =>
    ((i >> 2) & i & 1) ^ ((i >> 3) & (i >> 1) & 1) ? -1 : 1,
  );
  const series = residualBlock(4, { exactUpTo: 1, probes: 4, terms: 60 });
  const { parameters, constants } = randomWeights(series, 3, 0.9);
  const flowOf = (bijection: Bijection, own: Weights) =>
    createFlow(defineFlow(noPreparation(4), bijection, standardNormal(4)), joinWeights({ bijection: own }));
  const probes = { shape: [4, 4], data: hadamard };
  const approximate = flowOf(series, { parameters, constants: { ...constants, probes } });
  const exact = flowOf(residualBlock(4), { parameters, constants });
  const x = matrix(20, 4);
  const [series60, wanted] = [await approximate.trace(x), await exact.trace(x)];
  expect(Math.max(...wanted.layers[0]!.logDet.map(Math.abs))).toBeGreaterThan(0.05);
  expectClose(series60.layers[0]!.logDet, wanted.layers[0]!.logDet, 1e-4);
  await approximate.close();
  await exact.close();
});

it('a residual block beyond exact dimensions scores the same at every call, near the exact value', async () => {
  const approximate = defineFlow(
    noPreparation(6),
    residualBlock(6, { exactUpTo: 2, probes: 16, terms: 12 }),
    standardNormal(6),
  );
  const exact = defineFlow(noPreparation(6), residualBlock(6), standardNormal(6));
  const weights = randomWeights(approximate, 2);
  await withEngines([approximate, weights], async flow => {
    const x = matrix(20, 6);
    const first = await flow.logProb(x);
    expect(await flow.logProb(x)).toEqual(first);
    const { probes: _, ...constants } = Object.fromEntries(
      Object.entries(weights.constants).map(([name, value]) => [
        name.replace('bijection.probes', 'probes'),
        value,
      ]),
    );
    await withEngines([exact, { parameters: weights.parameters, constants }], async truth => {
      const wanted = await truth.logProb(x);
      const errors = first.map((value, i) => Math.abs(value - wanted[i]!));
      expect(errors.reduce((sum, error) => sum + error, 0) / errors.length).toBeLessThan(0.3);
    });
  });
});
