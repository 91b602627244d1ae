import { availableParallelism } from 'node:os';
import { nodeRuntime } from '@ood/onnx/node';
import { describe, expect, it } from 'vitest';
import { fde, fit, glow } from '../../src/index.ts';
import { survey } from '../../src/training/survey.ts';
import { bytesOf, clusters } from '../support/rows.ts';

const rows = clusters({ rows: 500, cols: 6, seed: 11 });
const options = { epochs: 3, batchSize: 50, learningRate: 2e-3, validationFraction: 0.2, threads: 1 };

describe('fit', () => {
  it.each([
    ['weights', null],
    ['averaged weights', 0.95],
  ])(
    'returns a flow whose likelihood of the held-out rows is the best of the history: %s',
    async (_, averaging) => {
      const { flow, history } = await fit(glow({ blocks: 2 }), rows, {
        ...options,
        averaging,
        epochs: 8,
        learningRate: 0.01,
      });
      const { validation } = await survey(rows, { seed: 1, validationFraction: 0.2, validationRows: 10_000 });
      const logProb = await flow.logProb(validation);
      expect(-logProb.reduce((a, b) => a + b, 0) / logProb.length).toBeCloseTo(history.best!.loss, 3);
      expect(history.best!.loss).toBe(Math.min(...history.validations.map(({ loss }) => loss)));
      await flow.close();
    },
  );

  it('returns the averaged weights where no rows are held out', async () => {
    const settings = { ...options, validationFraction: 0, runtime: nodeRuntime };
    const [plain, averaged] = [
      await fit(glow({ blocks: 1 }), rows, settings),
      await fit(glow({ blocks: 1 }), rows, { ...settings, averaging: 0.9 }),
    ];
    expect(averaged.history.epochs).toEqual(plain.history.epochs);
    expect(bytesOf(averaged.flow.weights)).not.toBe(bytesOf(plain.flow.weights));
  });

  it('tells other rows from those it was fitted on', async () => {
    const { flow } = await fit(fde(), rows, { ...options, epochs: 5 });
    const mean = (values: Float64Array) => values.reduce((a, b) => a + b, 0) / values.length;
    const others = clusters({ rows: 200, cols: 6, seed: 12 });
    expect(mean(await flow.logProb(rows))).toBeGreaterThan(mean(await flow.logProb(others)) + 5);
    await flow.close();
  });

  it('gives the same bytes in a worker and, with a runtime handed in, in this thread', async () => {
    const [worker, here] = await Promise.all([
      fit(glow({ blocks: 2 }), rows, options),
      fit(glow({ blocks: 2 }), rows, { ...options, runtime: nodeRuntime }),
    ]);
    expect(bytesOf(here.flow.weights)).toBe(bytesOf(worker.flow.weights));
    expect(here.history).toEqual(worker.history);
  });

  it('says how the flow was made', async () => {
    const { flow, history } = await fit(glow({ blocks: 1 }), rows, { ...options, seed: 7 });
    expect(flow.about).toMatchObject({
      preset: 'glow',
      engine: 'onnx',
      threads: 1,
      computedBy: expect.stringMatching(/^onnxruntime-node \d/),
      settings: { seed: 7, epochs: 3, batchSize: 50, optimizer: 'adam' },
      rows: expect.stringMatching(/^500x6-[0-9a-f]{8}$/),
      history: { steps: history.steps },
    });
    expect(JSON.parse(JSON.stringify(flow.about))).toEqual(flow.about);
  });

  it('says how many processors the runtime chose its threads from', async () => {
    const { flow } = await fit(glow({ blocks: 1 }), rows, { epochs: 1, batchSize: 100 });
    expect(flow.about).toMatchObject({ threads: { chosenByRuntime: availableParallelism() } });
  });

  it('keeps the weights from before training where training only made them worse', async () => {
    const { flow, history } = await fit(fde(), rows, { ...options, learningRate: 5, clipNorm: 1, epochs: 2 });
    expect(history.best).toMatchObject({ step: 0, epoch: 0 });
    expect(history.validations.length).toBeGreaterThan(1);
    await flow.close();
  });
});
