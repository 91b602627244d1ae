import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom } from '@ood/core';
import { audioPreset, openFeatureStore, preset } from '@ood/features';
import { encodeModel, makeGraph, makeModel, makeNode } from '@ood/onnx';
import { EXIT } from '@ood/terminal';
import { memoryIo } from '@ood/terminal/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { main } from '../src/main.ts';

let cwd = '';
const run = async (...args: string[]) => {
  const { io, written } = memoryIo({ cwd });
  return { code: await main(args, io), ...written };
};

/** A WAV file of 16-bit samples at 8 kHz. */
function wav(samples: Float32Array): Uint8Array {
  const bytes = Buffer.alloc(44 + 2 * samples.length);
  bytes.write('RIFF', 0);
  bytes.writeUInt32LE(bytes.length - 8, 4);
  bytes.write('WAVEfmt ', 8);
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(1, 22);
  bytes.writeUInt32LE(8000, 24);
  bytes.writeUInt32LE(16_000, 28);
  bytes.writeUInt16LE(2, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write('data', 36);
  bytes.writeUInt32LE(2 * samples.length, 40);
  samples.forEach((value, i) => {
    bytes.writeInt16LE(Math.round(32_000 * Math.max(-1, Math.min(1, value))), 44 + 2 * i);
  });
  return bytes;
}

/** Tones of one voice with a little noise; or noise alone. */
function sound(seed: number, seconds: number, noise = false): Uint8Array {
  const { uniform, normal } = createRandom(seed, 'sound');
  const pitch = 300 + 500 * uniform();
  return wav(
    Float32Array.from({ length: 8000 * seconds }, (_, i) =>
      noise ? 0.2 * normal() : 0.4 * Math.sin((2 * Math.PI * pitch * i) / 8000) + 0.02 * normal(),
    ),
  );
}

async function writeSounds(folder: string, count: number, from: number): Promise<void> {
  await mkdir(join(cwd, folder), { recursive: true });
  for (let i = 0; i < count; i++) await writeFile(join(cwd, folder, `${i}.wav`), sound(from + i, 1));
}

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'ood-cli-audio-'));
  const graph = makeGraph('bands', {
    inputs: [{ name: 'mel', type: 'float32', dims: ['n', 'frames', 20] }],
    outputs: [{ name: 'embedding', type: 'float32', dims: ['n', 20] }],
    nodes: [
      makeNode('ReduceMean', {
        inputs: ['mel', 'axes'],
        outputs: ['embedding'],
        attributes: { keepdims: 0n },
      }),
    ],
    initializers: { axes: { type: 'int64', dims: [1], data: BigInt64Array.of(1n) } },
  });
  await writeFile(join(cwd, 'bands.onnx'), encodeModel(makeModel(graph, { opset: 18 })));
  const mel = audioPreset('yamnet').features!;
  const preprocessing = audioPreset('yamnet', {
    window: 8000,
    hop: 8000,
    features: { ...mel, mels: 20, frames: null },
  });
  await writeFile(join(cwd, 'bands.json'), JSON.stringify(preprocessing));
  await writeSounds('train', 60, 0);
  await writeSounds('unseen', 55, 1000);
  await mkdir(join(cwd, 'new'));
  await writeFile(join(cwd, 'new/noise.wav'), sound(1, 1, true));
  await writeFile(join(cwd, 'new/tone.wav'), sound(5000, 1.2));
  await writeFile(join(cwd, 'new/torn.flac'), 'fLaC torn');
  await writeFile(join(cwd, 'new/notes.txt'), 'not a sound');
  const made = await run(
    'fit',
    ...MODEL,
    '--audio',
    'train',
    '--calibrate',
    'unseen',
    '--detector',
    'knn',
    '--out',
    'guard',
  );
  expect(made, made.stderr).toMatchObject({ code: EXIT.ok });
}, 60_000);
afterAll(() => rm(cwd, { recursive: true, force: true }));

const BANDS = ['--model', 'bands.onnx', '--head', 'none', '--dim', 'frames=48'];
const MODEL = [...BANDS, '--preprocess', 'bands.json'];

describe('recordings on the command line', () => {
  it('get a verdict a window, by file and second', async () => {
    const { code, stdout, stderr } = await run(
      'score',
      '--guard',
      'guard',
      '--audio',
      'new',
      '--out',
      'scores.csv',
      '--json',
    );
    expect(code).toBe(EXIT.ok);
    expect(stderr).toContain('notes.txt: no WAV or FLAC by its name');
    expect(JSON.parse(stdout)).toMatchObject({ audio: 'new', counts: { images: 6, refused: 1, leftOut: 1 } });
    const rows = (await readFile(join(cwd, 'scores.csv'), 'utf8'))
      .trim()
      .split('\n')
      .slice(1)
      .map(line => line.split(','));
    expect(rows.map(([id]) => id)).toEqual([
      'noise.wav@0',
      'noise.wav@0.5',
      'tone.wav@0',
      'tone.wav@0.5',
      'tone.wav@0.7',
      'torn.flac',
    ]);
    expect(rows.slice(0, 2).map(([, isOod]) => isOod)).toEqual(['1', '1']);
    expect(rows.slice(2, 5).filter(([, isOod]) => isOod === '1').length).toBeLessThan(3);
    expect(rows[5]!.at(-1)).toBe('AUDIO_CORRUPT');
  });

  it('of one file are checked, windows as objects of the JSON', async () => {
    const { code, stdout } = await run('check', '--guard', 'guard', '--audio', 'new/noise.wav', '--json');
    expect(code).toBe(EXIT.ok);
    const { images } = JSON.parse(stdout);
    expect(images).toMatchObject([
      { image: 'noise.wav@0', verdict: { isOod: true } },
      { image: 'noise.wav@0.5', verdict: { isOod: true } },
    ]);
    const gate = await run('check', '--guard', 'guard', '--audio', 'new/noise.wav', '--fail-on-ood');
    expect(gate.code).toBe(EXIT.gateMissed);
    expect(gate.stderr).toContain('2 of 2 windows');
  });

  it('make features, which make a guard that takes recordings to calibrate on', async () => {
    const extracted = await run(
      'extract',
      ...MODEL,
      '--window',
      '0.4',
      '--hop',
      '0.2',
      '--audio',
      'train',
      '--out',
      'train.arrow',
    );
    expect(extracted, extracted.stderr).toMatchObject({ code: EXIT.ok });
    const store = await openFeatureStore(join(cwd, 'train.arrow'));
    const { ids } = await store.readRows(0, 5);
    await store.close();
    expect(ids).toEqual(['0.wav@0', '0.wav@0.2', '0.wav@0.4', '0.wav@0.6', '1.wav@0']);
    const made = await run(
      ...['fit', ...BANDS, '--features', 'train.arrow', '--calibrate', 'unseen'],
      ...['--detector', 'knn', '--out', 'from-store', '--json'],
    );
    expect(made, made.stderr).toMatchObject({ code: EXIT.ok });
    expect(JSON.parse(made.stdout).calibration.count).toBe(4 * 55);
  });

  it.each<[string, string[], RegExp]>([
    [
      'no preprocessing',
      ['fit', '--model', 'bands.onnx', '--audio', 'train', '--out', 'x'],
      /how recordings become.*whisper/,
    ],
    [
      'one of images',
      ['fit', '--model', 'bands.onnx', '--audio', 'train', '--preprocess', 'image.json', '--out', 'x'],
      /a preprocessing of other inputs/,
    ],
    [
      'a window of no length',
      ['extract', ...MODEL, '--audio', 'train', '--window', '0', '--out', 'x.arrow'],
      /seconds above 0/,
    ],
    [
      'images for a guard of recordings',
      ['check', '--guard', 'guard', 'new/tone.wav'],
      /one of recordings; give recordings by --audio/,
    ],
    [
      'a folder without recordings',
      ['score', '--guard', 'guard', '--audio', 'empty', '--out', 'x.csv'],
      /recordings: \.wav or \.flac/,
    ],
    [
      'two sources',
      ['score', '--guard', 'guard', '--audio', 'new', '--images', 'new', '--out', 'x.csv'],
      /got both/,
    ],
    [
      'a preset of windows that the model does not take',
      ['fit', ...BANDS, '--audio', 'train', '--preprocess', 'whisper', '--out', 'x'],
      /samples of shape/,
    ],
  ])('refuse %s', async (_, args, message) => {
    await mkdir(join(cwd, 'empty'), { recursive: true });
    await writeFile(join(cwd, 'empty/notes.txt'), '');
    await writeFile(join(cwd, 'image.json'), JSON.stringify(preset('mnist')));
    const { code, stderr, stdout } = await run(...args);
    expect(code).not.toBe(EXIT.ok);
    expect(stderr).toMatch(message);
    expect(stdout).toBe('');
  });
});
