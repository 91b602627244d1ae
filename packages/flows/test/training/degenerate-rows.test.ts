import { nodeRuntime } from '@ood/onnx/node';
import { describe, expect, it } from 'vitest';
import {
  fde,
  fit,
  glow,
  type LabeledMatrix,
  maskedAutoregressive,
  neuralSpline,
  type Preset,
  realNvp,
  residual,
} from '../../src/index.ts';
import { clusters } from '../support/rows.ts';

const cols = 6;
const usual = clusters({ rows: 120, cols, seed: 31 });

const change = (value: (row: number, col: number, old: number) => number): LabeledMatrix => ({
  ...usual,
  data: usual.data.map((old, at) => value(Math.floor(at / cols), at % cols, old)),
});

/** Rows as a careless pipeline delivers them, and as dead units of a ReLU network make them. */
const sources: readonly (readonly [string, LabeledMatrix])[] = [
  ['dead columns', change((_, col, old) => (col < 2 ? 0 : old))],
  ['a unit that is rarely awake', change((row, col, old) => (col === 3 && row !== 77 ? 0 : old))],
  ['a row of zeros', change((row, _, old) => (row === 5 ? 0 : old))],
  ['four rows, over and over', change((row, col) => usual.data[(row % 4) * cols + col]!)],
  ['rows that are all the same', change(() => 0.3)],
  ['zeros only', change(() => 0)],
  ['four rows in six columns', { rows: 4, cols, data: usual.data.slice(0, 4 * cols) }],
  ['one row', { rows: 1, cols, data: usual.data.slice(0, cols) }],
  ['numbers near the largest', change((_, __, old) => old * 1e37)],
  ['numbers near the smallest', change((_, __, old) => old * 1e-37)],
];

const presets: readonly (readonly [string, Preset])[] = [
  ['glow', glow({ blocks: 3 })],
  ['realNvp', realNvp()],
  ['residual', residual({ blocks: 3 })],
  ['neuralSpline', neuralSpline({ blocks: 1 })],
  ['maskedAutoregressive', maskedAutoregressive({ layers: 2 })],
  ['fde', fde({ clusters: 2 })],
];

describe.each(sources)('%s', (_, { labels: __, ...source }) => {
  it.each(presets)('train %s to densities that are finite and not drowned', async (name, preset) => {
    const spread = new Set(source.data).size > 1 && source.rows > 1;
    const training = fit(preset, source, { epochs: 2, batchSize: 50, threads: 1, runtime: nodeRuntime });
    if (name === 'fde' && !spread) {
      return expect(training).rejects.toMatchObject({
        code: 'SINGULAR_COVARIANCE',
        got: 'rows that are all the same in each class',
      });
    }
    const { flow } = await training;
    const own = await flow.logProb(source);
    const sorted = [...own].sort((a, b) => a - b);
    expect(sorted[Math.floor(own.length / 2)]).toBeGreaterThan(-100);
    const elsewhere = { ...source, data: source.data.map((value, at) => (at % 2 ? -value : 1e30)) };
    expect([...own, ...(await flow.logProb(elsewhere))].filter(value => !Number.isFinite(value))).toEqual([]);
    await flow.close();
  });
});

it('a batch of one row trains', async () => {
  const { flow, history } = await fit(glow({ blocks: 2 }), usual, {
    batchSize: 1,
    epochs: 1,
    runtime: nodeRuntime,
  });
  expect(history.steps).toBe(120);
  expect((await flow.logProb(usual)).every(Number.isFinite)).toBe(true);
  await flow.close();
});
