import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom } from '@ood/core';
import { audioPreset, audioWindows, type Sample, type Waveform } from '@ood/features';
import { encodeModel, makeGraph, makeModel, makeNode, type Tensor } from '@ood/onnx';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fitGuard, type Guard, openGuard } from '../src/index.ts';

let folder = '';
let guard: Guard;

/** Log-mel spectrograms of half a second, 20 bands. */
const mel = audioPreset('yamnet').features!;
const preprocessing = audioPreset('yamnet', {
  window: 8000,
  hop: 4000,
  features: { ...mel, mels: 20, frames: null },
});

const weights = (rows: number, cols: number): Tensor => ({
  type: 'float32',
  dims: [rows, cols],
  data: Float32Array.from({ length: rows * cols }, (_, i) => Math.sin((i + 1) ** 2 * 1.7)),
});

/** Features: the mean of each band over time; logits beside them. */
function model(): Uint8Array {
  const graph = makeGraph('bands', {
    inputs: [{ name: 'mel', type: 'float32', dims: ['n', 48, 20] }],
    outputs: [{ name: 'y', type: 'float32', dims: ['n', 3] }],
    nodes: [
      makeNode('ReduceMean', { inputs: ['mel', 'axes'], outputs: ['f'], attributes: { keepdims: 0n } }),
      makeNode('MatMul', { inputs: ['f', 'W'], outputs: ['y'] }),
    ],
    initializers: { W: weights(20, 3), axes: { type: 'int64', dims: [1], data: BigInt64Array.of(1n) } },
  });
  return encodeModel(makeModel(graph, { opset: 18 }));
}

/** A tone of a voice that the guard knows, with some noise; or noise alone. */
function sound(seed: number, { seconds = 0.5, noise = false, rate = 16_000 } = {}): Waveform {
  const { uniform, normal } = createRandom(seed, 'sound');
  const pitch = 300 + 500 * uniform();
  const data = Float32Array.from({ length: seconds * rate }, (_, i) => {
    const tone = noise ? 0 : 0.4 * Math.sin((2 * Math.PI * pitch * i) / rate);
    return tone + (noise ? 0.2 : 0.02) * normal();
  });
  return { sampleRate: rate, data };
}

const recordings = (count: number, from: number, seconds = 0.5) => ({
  length: count,
  async *[Symbol.asyncIterator](): AsyncGenerator<Sample> {
    for (let i = from; i < from + count; i++) yield { id: `${i}.wav`, waveform: sound(i, { seconds }) };
  },
});

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ood-audio-'));
  const made = await fitGuard(join(folder, 'guard'), {
    model: model(),
    preprocessing,
    train: audioWindows(recordings(200, 0), preprocessing),
    calibration: audioWindows(recordings(120, 1000), preprocessing),
    detector: 'mahalanobis++',
  });
  expect(made).toMatchObject({ version: 3, preprocessing: { kind: 'audio' }, featureSize: 20 });
  expect(made.warnings).toEqual([]);
  guard = await openGuard(join(folder, 'guard'));
}, 60_000);
afterAll(async () => {
  await guard?.close();
  await rm(folder, { recursive: true, force: true });
});

describe('a guard of recordings', () => {
  it('tells tones from noise, window by window', async () => {
    const long = sound(5000, { seconds: 1.2 });
    const outcomes = [];
    for await (const outcome of guard.checkStream(
      audioWindows(
        {
          async *[Symbol.asyncIterator](): AsyncGenerator<Sample> {
            yield { id: 'tone', waveform: long };
            yield { id: 'noise', waveform: sound(5001, { noise: true }) };
          },
        },
        preprocessing,
      ),
    ))
      outcomes.push(outcome);
    expect(outcomes.map(({ id }) => id)).toEqual(['tone@0', 'tone@0.25', 'tone@0.5', 'tone@0.7', 'noise@0']);
    const ood = outcomes.map(outcome => 'verdict' in outcome && outcome.verdict.isOod);
    expect(ood.at(-1)).toBe(true);
    expect(ood.slice(0, 4).filter(Boolean).length).toBeLessThan(4);
  });

  it('checks a window by its start, at any rate, and explains it', async () => {
    const waveform = sound(6000, { seconds: 1, rate: 22_050 });
    const verdict = await guard.check({ audio: waveform, start: 0.25 });
    expect(verdict.pValue).toBeGreaterThan(0);
    const explained = await guard.explain({ audio: waveform, start: 0.25 });
    expect(explained.verdict.score).toBeCloseTo(verdict.score, 5);
    expect((await guard.check(sound(6001))).logits).toHaveLength(3);
  });

  it.each<[string, Parameters<Guard['check']>[0], RegExp]>([
    [
      'a recording longer than a window, without a start',
      sound(1, { seconds: 3 }),
      /one window of 0.5 s.*audioWindows/,
    ],
    ['a start behind the end', { audio: sound(1), start: 9 }, /a start from 0 to below 0.5 s/],
    ['a start that is no number', { audio: sound(1), start: 'a' as never }, /a start from 0/],
    ['an image', { width: 1, height: 1, channels: 1, data: new Uint8Array(1) }, /WAV or FLAC.*got an image/],
    ['bytes that are no recording', Buffer.from('GIF89a'), /AUDIO_UNSUPPORTED/],
    ['samples that are no numbers', { sampleRate: 16_000, data: [0, 0] as never }, /finite samples/],
  ])('refuses %s', async (_, input, message) => {
    await expect(guard.check(input)).rejects.toMatchObject({
      code: 'BAD_INPUT',
      message: expect.stringMatching(message),
    });
  });

  it('holds out whole recordings, and warns where calibration shares them with the fit', async () => {
    const windows = (from: number, skip: number) => {
      const all = audioWindows(recordings(60, from, 2), preprocessing);
      return {
        async *[Symbol.asyncIterator](): AsyncGenerator<Sample> {
          let i = 0;
          for await (const sample of all) if (i++ % 2 === skip) yield sample;
        },
      };
    };
    const options = { model: model(), preprocessing, detector: 'mahalanobis++' };
    const held = await fitGuard(join(folder, 'held'), {
      ...options,
      train: audioWindows(recordings(60, 0, 2), preprocessing),
    });
    expect(held.warnings.map(({ code }) => code)).not.toContain('SHARED_SOURCES');
    const shared = await fitGuard(join(folder, 'shared'), {
      ...options,
      train: windows(0, 0),
      calibration: windows(0, 1),
    });
    expect(shared.warnings.map(({ code }) => code)).toContain('SHARED_SOURCES');
  });
});
