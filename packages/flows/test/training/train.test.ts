import { createRandom } from '@ood/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { tfjsEngine } from '../../src/engine/tfjs-engine.ts';
import type { TrainingEngine } from '../../src/engine/training-engine.ts';
import {
  actNorm,
  defineFlow,
  diagonalNormal,
  noPreparation,
  permutation,
  standardNormal,
} from '../../src/index.ts';
import { batchesPerEpoch, batchFeed } from '../../src/training/batch-feed.ts';
import { resolveSettings, type TrainingSettings } from '../../src/training/settings.ts';
import { survey } from '../../src/training/survey.ts';
import { type StepReport, train } from '../../src/training/train.ts';
import { useQuietCpu } from '../support/eager.ts';
import { clusters } from '../support/rows.ts';

beforeAll(useQuietCpu);

const cols = 3;
const usual = clusters({ rows: 110, cols, seed: 40 });
const model = defineFlow(noPreparation(cols), permutation(cols), diagonalNormal(cols));

/** Trains a small model, and tells what the engine was asked for. */
async function observe(options: Partial<TrainingSettings>, trained = model, rows = usual) {
  const settings = resolveSettings({ batchSize: 20, epochs: 3, validationFraction: 0.2, ...options });
  const found = await survey(rows, settings);
  const { optimizer: _, ...adam } = settings;
  const engine = await tfjsEngine(trained, trained.initialize(createRandom(1)), {
    noisy: settings.noise > 0,
    adam,
    averaging: settings.averaging,
  });
  const asked = {
    steps: [] as (number[] | undefined)[],
    validations: [] as (number[] | undefined)[],
    reports: [] as StepReport[],
  };
  const copy = (noise: Float32Array | undefined) => noise && [...noise];
  const watched: TrainingEngine = {
    ...engine,
    gradients(batch, noise) {
      asked.steps.push(copy(noise));
      return engine.gradients(batch, noise);
    },
    logProb(batch, noise, weights) {
      asked.validations.push(copy(noise));
      return engine.logProb(batch, noise, weights);
    },
  };
  const stepsPerEpoch = batchesPerEpoch(found, settings.batchSize);
  const totalSteps = stepsPerEpoch * settings.epochs;
  const plan = {
    settings,
    stepsPerEpoch,
    totalSteps,
    validation: found.validation,
    dim: cols,
    checkpointEvery: null,
  };
  const { history } = await train(watched, plan, {
    feed: batchFeed(rows, found, settings),
    report: report => void asked.reports.push(report),
    signal: new AbortController().signal,
  });
  await engine.close();
  return { ...asked, history };
}

describe('noise', () => {
  it('has the deviation asked for, is fresh in every step and the same at every validation', async () => {
    const { steps, validations } = await observe({ noise: 0.3, epochs: 10 });
    expect(steps).toHaveLength(40);
    const all = steps.flatMap(noise => noise!);
    const deviation = Math.sqrt(all.reduce((sum, v) => sum + v * v, 0) / all.length);
    expect(deviation).toBeCloseTo(0.3, 1);
    expect(Math.abs(deviation - 0.3)).toBeLessThan(0.02);
    expect(new Set(steps.map(String)).size).toBe(40);
    const [first, second] = validations;
    expect(first).not.toEqual(second);
    expect(validations).toEqual(Array.from({ length: 11 }, () => [first, second]).flat());
  });

  it('is none unless asked for', async () => {
    const { steps, validations } = await observe({});
    expect([...steps, ...validations].every(noise => noise === undefined)).toBe(true);
  });
});

it('data-dependent initialization comes before the first validation and the first step', async () => {
  const far = { ...usual, data: usual.data.map(value => 1000 + 50 * value) };
  const normed = defineFlow(noPreparation(cols), actNorm(cols), standardNormal(cols));
  const { history, reports } = await observe({ averaging: 0.9 }, normed, far);
  // −log p of standard normal rows that were widened to some 100: 3 · (1.42 + log 100) or so.
  for (const loss of [history.validations[0]!.loss, reports[0]!.loss]) {
    expect(loss).toBeGreaterThan(10);
    expect(loss).toBeLessThan(25);
  }
});

describe('validation', () => {
  it('comes before the first step, every so many steps, and behind the last', async () => {
    const { history } = await observe({ validateEvery: 5 });
    expect(history.validations.map(({ step, epoch }) => [step, epoch])).toEqual([
      [0, 0],
      [5, 2],
      [10, 3],
      [12, 3],
    ]);
  });

  it('is left out without held-out rows', async () => {
    const { history, validations } = await observe({ validationFraction: 0 });
    expect([history.validations, validations, history.best]).toEqual([[], [], null]);
  });
});

it('the learning rate follows its schedule over all steps of all epochs', async () => {
  const { reports } = await observe({ schedule: { kind: 'cosine', warmupSteps: 2 }, learningRate: 0.1 });
  const wanted = Array.from({ length: 12 }, (_, i) =>
    i < 2 ? (i + 1) / 2 : 0.5 * (1 + Math.cos((Math.PI * (i - 2)) / 10)),
  );
  for (const [i, { learningRate }] of reports.entries())
    expect(learningRate).toBeCloseTo(0.1 * wanted[i]!, 12);
  expect(reports).toHaveLength(12);
});

it('an epoch’s loss is the mean of those that its steps reported', async () => {
  const { reports, history } = await observe({});
  for (const { epoch, loss, steps } of history.epochs) {
    const own = reports.filter(report => report.epoch === epoch).map(report => report.loss);
    expect(own).toHaveLength(steps);
    expect(loss).toBeCloseTo(own.reduce((a, b) => a + b, 0) / steps, 10);
  }
});
