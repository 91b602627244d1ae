import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isOodError } from '@ood/core';
import { openGlyphsBackbone } from '@ood/datasets';
import { EXIT } from '@ood/terminal';
import { memoryIo } from '@ood/terminal/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { choosePreprocessing } from '../src/commands/guard/choose-preprocessing.ts';
import { readClassNames } from '../src/commands/guard/class-names.ts';
import { type ModelFile, modelFile } from '../src/commands/guard/model-file.ts';
import { openFeatures } from '../src/commands/guard/open-features.ts';
import { main } from '../src/main.ts';

/** Inputs of each reader. `OOD_FUZZ` sets another number for a longer run. */
const RUNS = Number(process.env.OOD_FUZZ ?? 150);

let cwd = '';
let model: ModelFile;
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'ood-fuzz-'));
  model = await modelFile((await openGlyphsBackbone()).path, memoryIo({ cwd }).io);
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

/** Bytes as they are, JSON of anything, and a right file with some bytes changed, cut or doubled. */
const contents = (right: string | Uint8Array) => {
  const bytes = typeof right === 'string' ? new TextEncoder().encode(right) : right;
  const place = fc.nat({ max: Math.max(0, bytes.length - 1) });
  return fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.json({ maxDepth: 4 }).map(text => new TextEncoder().encode(text)),
    fc.array(fc.tuple(place, fc.nat({ max: 255 })), { minLength: 1, maxLength: 6 }).map(changes => {
      const changed = bytes.slice();
      for (const [at, value] of changes) changed[at] = value;
      return changed;
    }),
    place.map(length => bytes.slice(0, length)),
    fc.tuple(place, place).map(([a, b]) => Buffer.concat([bytes.subarray(0, a), bytes.subarray(b)])),
  );
};

/** A reader gives something or a typed error, whatever the file holds. */
async function survives(file: string, right: string | Uint8Array, read: (path: string) => Promise<unknown>) {
  await fc.assert(
    fc.asyncProperty(contents(right), async bytes => {
      const path = join(cwd, file);
      await writeFile(path, bytes);
      try {
        await read(path);
      } catch (error) {
        if (!isOodError(error) || error.kind === 'internal') throw error;
      }
    }),
    { numRuns: RUNS },
  );
}

const ours = JSON.stringify({
  version: 1,
  orientation: 'ignore',
  color: 'gray',
  resize: { kind: 'exact', width: 28, height: 28 },
  filter: 'bicubic',
  crop: null,
  scale: 1 / 255,
  mean: [0.1307],
  std: [0.3081],
  layout: 'NCHW',
  dtype: 'float32',
});
const huggingFace = JSON.stringify({
  image_processor_type: 'ViTImageProcessor',
  do_normalize: true,
  do_rescale: true,
  do_resize: true,
  image_mean: [0.5, 0.5, 0.5],
  image_std: [0.5, 0.5, 0.5],
  resample: 2,
  size: { height: 224, width: 224 },
});
const timm = JSON.stringify({
  architecture: 'resnet18',
  pretrained_cfg: {
    input_size: [3, 224, 224],
    interpolation: 'bilinear',
    crop_pct: 0.875,
    mean: [0.5, 0.5, 0.5],
    std: [0.2, 0.2, 0.2],
  },
});

it.each([
  ['ours', ours],
  ['of Hugging Face', huggingFace],
  ['of timm', timm],
])('reads or refuses any preprocessing like %s', async (_what, right) => {
  await survives('p.json', right, path => choosePreprocessing(path, model, memoryIo({ cwd }).io));
});

it.each([
  ['lines', 'A\nB\nC\nD\nE\nF\nG\nH\nI\nJ\n'],
  ['a list', JSON.stringify([...'ABCDEFGHIJ'])],
  ['id2label', JSON.stringify({ id2label: Object.fromEntries([...'ABCDEFGHIJ'].entries()) })],
])('reads or refuses any names of classes like %s', async (_what, right) => {
  await survives('names', right, path => readClassNames(path, model.description, memoryIo({ cwd }).io));
});

it.each(['f.npy', 'f.safetensors', 'f.arrow', 'f.csv'])(
  'reads or refuses any features called %s',
  async file => {
    const right = await readFile(new URL('./children/kill-at.mjs', import.meta.url));
    await survives(file, right, async path => {
      await (await openFeatures(path, memoryIo({ cwd }).io)).close();
    });
  },
);

it('answers any command line without a defect', async () => {
  const word = fc.oneof(
    fc.constantFrom(
      ...[
        'demo',
        'eval',
        'inspect',
        'extract',
        'fit',
        'score',
        'check',
        'export',
        'datasets',
        'list',
        'info',
        'help',
      ],
      ...[
        '--model',
        '--images',
        '--out',
        '--guard',
        '--json',
        '--threads',
        '--seed',
        '--alpha',
        '--dim',
        '--head',
        '--layer',
      ],
      ...[
        '--help',
        '--version',
        '-h',
        '--',
        '-',
        '--classes',
        '--preprocess',
        '--detectors',
        '--near',
        '--overwrite',
        '--digest',
      ],
      ...['0', '-1', '1e9', 'NaN', '../x', '/dev/null', '/dev/zero', '__proto__', '__proto__=1', 'a=1', ''],
    ),
    fc.string({ unit: 'binary', maxLength: 12 }),
  );
  // Not the long ones: `demo` alone would run.
  const words = fc.array(word, { maxLength: 7 }).filter(([first]) => first !== 'demo');
  await fc.assert(
    fc.asyncProperty(words, async args => {
      const { io, written } = memoryIo({ cwd });
      const code = await main(args, { ...io, env: { OOD_HOME: cwd, OOD_OFFLINE: '1' } });
      expect(Object.values(EXIT)).toContain(code);
      expect(written.stderr).not.toContain('defect of ood');
    }),
    { numRuns: 2 * RUNS },
  );
});
