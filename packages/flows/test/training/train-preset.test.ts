import { createRandom } from '@ood/core';
import { describe, expect, it } from 'vitest';
import { glow, realNvp } from '../../src/index.ts';
import { normalArray } from '../../src/random.ts';
import { trainPreset } from '../../src/training/train-preset.ts';
import { bytesOf, clusters } from '../support/rows.ts';

const rows = clusters({ rows: 600, cols: 6, seed: 1 });
const small = glow({ blocks: 2 });
const options = {
  epochs: 4,
  batchSize: 50,
  learningRate: 3e-3,
  validationFraction: 0.2,
  noise: 0.05,
  threads: 1,
};

describe('training in a worker', () => {
  it('lowers the validation loss and returns the weights of the best validation', async () => {
    const { history } = await trainPreset(small, rows, options);
    const losses = history.validations.map(({ loss }) => loss);
    expect(losses).toHaveLength(5);
    expect(losses.at(-1)).toBeLessThan(losses[0]! - 0.15);
    expect(history.best!.loss).toBe(Math.min(...losses));
    expect(history.steps).toBe(4 * history.epochs[0]!.steps);
  });

  it('gives the same bytes for the same seed, and others for another', async () => {
    const [first, second, other] = await Promise.all(
      [1, 1, 2].map(seed =>
        trainPreset(realNvp({ blocks: 2 }), rows, { ...options, seed, averaging: 0.9, clipNorm: 1 }),
      ),
    );
    expect(bytesOf(first!.weights)).toEqual(bytesOf(second!.weights));
    expect(first!.history).toEqual(second!.history);
    expect(bytesOf(first!.weights)).not.toEqual(bytesOf(other!.weights));
  });

  it('returns weights between those before the first step and the trained ones', async () => {
    const [start, half, end] = (
      await Promise.all(
        [0, 0.5, 1].map(interpolation => trainPreset(small, rows, { ...options, interpolation })),
      )
    ).map(({ weights }) => weights.parameters);
    for (const [name, { data }] of Object.entries(half!)) {
      const mean = data.map((_, i) => (start![name]!.data[i]! + end![name]!.data[i]!) / 2);
      for (const [i, value] of data.entries()) expect(value).toBeCloseTo(mean[i]!, 5);
      if (name.endsWith('.weight')) expect(start![name]!.data).not.toEqual(end![name]!.data);
    }
    // ActNorm's own initialization on the first batch belongs to the start.
    const scales = Object.entries(start!).filter(
      ([name]) => name.endsWith('.logScale') && name.includes('2.'),
    );
    expect(scales.some(([, { data }]) => data.some(value => value !== 0))).toBe(true);
  });

  it('reports every step, and speed and time left by the clock it is given', async () => {
    let time = 0;
    const reports: { done: number; samplesPerSecond: number | null; secondsLeft: number | null }[] = [];
    const now = () => (time += 500);
    const { history } = await trainPreset(small, rows, {
      ...options,
      now,
      onProgress: p => void reports.push(p),
    });
    expect(reports.map(({ done }) => done)).toEqual(Array.from({ length: history.steps }, (_, i) => i + 1));
    expect(reports[0]).toMatchObject({ samplesPerSecond: null, secondsLeft: null });
    expect(reports[9]).toMatchObject({ samplesPerSecond: 100, secondsLeft: (history.steps - 10) / 2 });
  });

  it('stops early when validation no longer improves', async () => {
    const noise = { rows: 120, cols: 6, data: normalArray(720, createRandom(1)) };
    const patient = { ...options, epochs: 200, learningRate: 0.02, patience: 3 };
    const { history } = await trainPreset(small, noise, patient);
    expect(history.stoppedEarly).toBe(true);
    expect(history.validations.length).toBeLessThan(200);
    expect(history.validations.at(-1)!.epoch - history.best!.epoch).toBe(3);
  });
});
