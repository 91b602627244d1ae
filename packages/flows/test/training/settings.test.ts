import { createRandom, isOodError } from '@ood/core';
import { nodeRuntime } from '@ood/onnx/node';
import { describe, expect, it } from 'vitest';
import { type FitOptions, fde, glow, type Preset } from '../../src/index.ts';
import { fillNormal } from '../../src/training/noise-source.ts';
import { type Schedule, scheduleFactor } from '../../src/training/schedule.ts';
import { resolveSettings } from '../../src/training/settings.ts';
import { trainPreset } from '../../src/training/train-preset.ts';
import { clusters } from '../support/rows.ts';

describe('settings', () => {
  it('are the caller’s, else the preset’s, else the library’s', () => {
    const settings = resolveSettings({ epochs: 7, clipNorm: 3, patience: 2 }, { epochs: 9, patience: null });
    expect(settings).toMatchObject({
      epochs: 9,
      clipNorm: 3,
      patience: null,
      batchSize: 250,
      validateEvery: null,
    });
  });

  it.each([
    ['epochs', 0],
    ['steps', 0],
    ['epochs', 1.5],
    ['batchSize', -1],
    ['learningRate', 0],
    ['learningRate', Number.NaN],
    ['beta2', 1],
    ['epsilon', 0],
    ['epsilon', 1e-60],
    ['clipNorm', 0],
    ['averaging', 1],
    ['noise', -0.1],
    ['validationFraction', 1],
    ['patience', 0],
    ['interpolation', 1.5],
    ['interpolation', Number.NaN],
    ['seed', -1],
    ['epochs', null],
    ['weightDecay', 0.1],
    ['optimizer', 'sgd'],
    ['schedule', 'cosin'],
    ['schedule', null],
  ])('%s = %s is refused by name', (name, value) => {
    const failure = (() => {
      try {
        return resolveSettings({}, { [name]: value });
      } catch (error) {
        return error;
      }
    })();
    expect(isOodError(failure) && failure.code).toBe('INVALID_OPTION');
    expect((failure as Error).message).toContain(`"${name}"`);
  });
});

describe('what cannot be meant', () => {
  const rows = clusters({ rows: 60, cols: 4, seed: 1 });

  it.each([
    ['an option that does not exist', { lr: 1e-3 }, 'expected options among seed, epochs'],
    ['a schedule of another kind', { schedule: { kind: 'linear' } }, '"kind"'],
    ['steps of a schedule without their length', { schedule: { kind: 'step' } }, '"every"'],
    ['a schedule with a mistyped option', { schedule: { kind: 'cosine', warmup: 3 } }, '"warmup"'],
    ['a warm-up of less than nothing', { schedule: { kind: 'cosine', warmupSteps: -3 } }, '"warmupSteps"'],
    ['a checkpoint that is only a path', { checkpoint: 'a.checkpoint' }, '"checkpoint"'],
    ['a checkpoint without a path', { checkpoint: { everySteps: 3 } }, '"path"'],
    ['a checkpoint every no steps', { checkpoint: { path: 'a', everySteps: 0 } }, '"everySteps"'],
    ['a checkpoint with a mistyped option', { checkpoint: { path: 'a', steps: 3 } }, '"steps"'],
    ['half a thread', { threads: 0.5 }, '"threads"'],
    ['a signal of its own make', { signal: 'stop' }, '"signal"'],
    ['progress to nobody', { onProgress: 'console' }, '"onProgress"'],
    ['a runtime by name', { runtime: 'onnxruntime-web' }, '"runtime"'],
    ['patience without rows to validate on', { patience: 3 }, 'held out to validate on'],
    ['validations without rows', { validateEvery: 3 }, 'held out to validate on'],
  ])('%s is refused by name', async (_, wrong, message) => {
    const failure = await trainPreset(glow({ blocks: 1 }), rows, wrong as FitOptions).catch(error => error);
    expect(isOodError(failure) && failure.code).toBe('INVALID_OPTION');
    expect((failure as Error).message).toContain(message);
  });

  it('a preset that is no preset, or has a mistyped setting, is refused', async () => {
    for (const wrong of [undefined, glow, { name: 'mine' }, 'glow']) {
      await expect(trainPreset(wrong as unknown as Preset, rows)).rejects.toThrow(
        'fit: expected a preset, e.g.',
      );
    }
    const training = { lr: 1 } as Preset['training'];
    await expect(trainPreset({ ...glow(), training }, rows)).rejects.toThrow(
      `the preset's training: expected options among`,
    );
  });

  it('but a preset’s weight decay gives way to the caller’s choice of Adam', () => {
    const { optimizer, weightDecay } = resolveSettings(fde().training, { optimizer: 'adam' });
    expect([optimizer, weightDecay]).toEqual(['adam', 0]);
  });
});

describe('schedules', () => {
  const factors = (schedule: Schedule) =>
    Array.from({ length: 10 }, (_, i) =>
      scheduleFactor(schedule, { step: i + 1, totalSteps: 10, stepsPerEpoch: 2 }),
    );

  it('constant, after a linear warm-up', () => {
    expect(factors('constant')).toEqual(new Array(10).fill(1));
    expect(factors({ kind: 'constant', warmupSteps: 4 }).slice(0, 5)).toEqual([0.25, 0.5, 0.75, 1, 1]);
  });

  it('cosine starts at 1, is at one half half-way, and falls to its floor', () => {
    const cosine = factors('cosine');
    expect(cosine[0]).toBe(1);
    expect(cosine[5]).toBeCloseTo(0.5, 12);
    expect(cosine.every((factor, i) => i === 0 || factor < cosine[i - 1]!)).toBe(true);
    const floored = scheduleFactor(
      { kind: 'cosine', finalFraction: 0.1 },
      { step: 1e6, totalSteps: 1e6, stepsPerEpoch: 1 },
    );
    expect(floored).toBeCloseTo(0.1, 6);
  });

  it('step falls every few epochs', () => {
    expect(factors({ kind: 'step', every: 2, factor: 0.5 })).toEqual([
      1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25,
    ]);
  });
});

describe('noise', () => {
  it('is normal with the scale asked for', () => {
    const sample = new Float32Array(100_001);
    fillNormal(sample, createRandom(1), 3);
    const moment = (power: number) => sample.reduce((sum, x) => sum + (x / 3) ** power, 0) / sample.length;
    expect(moment(1)).toBeCloseTo(0, 1);
    expect(moment(2)).toBeCloseTo(1, 1);
    expect(moment(4)).toBeCloseTo(3, 0);
    expect(sample.filter(x => Math.abs(x) < 3 * 1.959964).length / sample.length).toBeCloseTo(0.95, 2);
  });
});

describe('a loss that is not finite', () => {
  it('stops training with the step it happened at, and says what to do', async () => {
    const rows = clusters({ rows: 200, cols: 4, seed: 1 });
    const failure = await trainPreset(glow({ blocks: 2 }), rows, {
      learningRate: 1e30,
      epochs: 50,
      batchSize: 50,
      threads: 1,
    }).catch((error: unknown) => error);
    expect(isOodError(failure) && failure.code).toBe('NON_FINITE_LOSS');
    expect((failure as Error).message).toMatch(
      /step \d+ \(epoch \d+\): expected a finite .*lower the learning rate/,
    );
  });

  it.each(['onnx', 'tfjs'] as const)(
    'is not the only sign: a last step off the scale is one too, %s',
    async engine => {
      const rows = clusters({ rows: 200, cols: 4, seed: 1 });
      const options = { learningRate: 1e38, epochs: 1, batchSize: 200, threads: 1, engine };
      const failure = await trainPreset(glow({ blocks: 1 }), rows, options).catch((error: unknown) => error);
      expect(isOodError(failure) && failure.code).toBe('NON_FINITE_LOSS');
      expect((failure as Error).message).toMatch(/step 1 \(epoch 1\): expected a finite weight 'bijection/);
    },
  );
});

it('an aborted signal stops training between two steps, with the signal’s reason', async () => {
  const rows = clusters({ rows: 200, cols: 4, seed: 1 });
  const abort = new AbortController();
  const steps: number[] = [];
  const onProgress = ({ done }: { done: number }) => {
    steps.push(done);
    if (done === 5) abort.abort(new Error('enough'));
  };
  const options = { epochs: 10_000, batchSize: 50, threads: 1, signal: abort.signal, onProgress };
  await expect(trainPreset(glow({ blocks: 1 }), rows, options)).rejects.toThrow('enough');
  expect(steps.length).toBeLessThan(1000);
  await expect(trainPreset(glow(), rows, { signal: AbortSignal.abort() })).rejects.toMatchObject({
    name: 'AbortError',
  });
});

it('an error in the progress callback ends training and reaches the caller', async () => {
  const rows = clusters({ rows: 200, cols: 4, seed: 1 });
  const onProgress = () => {
    throw new TypeError('mine');
  };
  await expect(
    trainPreset(glow({ blocks: 1 }), rows, { epochs: 100, threads: 1, onProgress }),
  ).rejects.toThrow('mine');
});

describe('steps', () => {
  const rows = clusters({ rows: 130, cols: 4, seed: 1 });
  const settings = { batchSize: 50, threads: 1, runtime: nodeRuntime };

  it('are taken whatever the passes that they need, the last one cut short', async () => {
    const preset = glow({ blocks: 1, steps: 7 });
    const { history } = await trainPreset(preset, rows, settings);
    expect(history.steps).toBe(7);
    expect(history.epochs.map(({ steps }) => steps)).toEqual([2, 2, 2, 1]);
  });

  it('of a preset give way to epochs that were asked for, and both at once are refused', async () => {
    const { history } = await trainPreset(glow({ blocks: 1, steps: 7 }), rows, { ...settings, epochs: 1 });
    expect(history.steps).toBe(2);
    const both = trainPreset(glow({ blocks: 1 }), rows, { ...settings, epochs: 1, steps: 3 });
    await expect(both).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining('not both'),
    });
  });

  it('end early where held-out rows no longer gain', async () => {
    const preset = glow({ blocks: 1, steps: 5000, earlyStopping: true });
    const options = { ...settings, learningRate: 0.05, validateEvery: 2, patience: 3 };
    const { history } = await trainPreset(preset, rows, options);
    expect(history.stoppedEarly).toBe(true);
    expect(history.best!.step).toBeLessThan(history.steps);
  });
});
