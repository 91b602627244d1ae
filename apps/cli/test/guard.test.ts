import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { glyphSamples, openGlyphs, openGlyphsBackbone } from '@ood/datasets';
import { nodeRuntime } from '@ood/onnx/node';
import sharp from 'sharp';
import { create } from 'tar';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXIT } from '../src/exit-codes.ts';
import { main } from '../src/main.ts';
import { memoryIo } from './memory-io.ts';

let cwd = '';
let model = '';
const run = async (...args: string[]) => {
  const { io, written } = memoryIo({ cwd });
  return { code: await main(args, io), ...written };
};

/** Writes every `step`-th image of a set as PNG files, by class where there are labels. */
async function writeImages(folder: string, set: Parameters<typeof glyphSamples>[0], step: number) {
  const samples = glyphSamples(set);
  for (let i = 0; i < samples.length; i += step) {
    const { pixels, label } = await samples.read(i);
    const { width, height, data } = pixels;
    const path = join(cwd, folder, label === undefined ? '' : 'ABCDEFGHIJ'[label]!, `${i}.png`);
    await mkdir(dirname(path), { recursive: true });
    await sharp(data, { raw: { width, height, channels: 1 } })
      .png()
      .toFile(path);
  }
}

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'ood-cli-guard-'));
  model = (await openGlyphsBackbone()).path;
  const glyphs = await openGlyphs();
  await writeImages('train', glyphs.train, 8);
  await writeImages('unseen', glyphs.validation, 4);
  await writeImages('new', glyphs.test, 8);
  await writeImages('textures', glyphs.ood.find(({ name }) => name === 'textures')!, 8);
  await create(
    { cwd: join(cwd, 'unseen'), file: join(cwd, 'unseen.tar') },
    await readdir(join(cwd, 'unseen')),
  );
  const made = await run(
    ...['fit', '--model', model, '--images', 'train', '--calibrate', 'unseen.tar', '--preprocess', 'mnist'],
    ...['--detector', 'mahalanobis++', '--out', 'guard'],
  );
  expect(made).toMatchObject({ code: EXIT.ok });
  expect(made.stdout).toMatch(/guarantee +Averaged over calibration sets, .* at most 5 %/);
  expect(made.stdout).not.toContain('caveat');
  expect(made.stderr).toMatch(/extracting features.*\nfitting.*\ncalibrating.*\nwriting/);
}, 60_000);
afterAll(() => rm(cwd, { recursive: true, force: true }));

describe('own model and folder of images to a guard', () => {
  it('scores a folder into a CSV file: few ID images called OOD, many textures', async () => {
    const id = await run('score', '--guard', 'guard', '--images', 'new', '--out', 'new.csv', '--json');
    const far = await run('score', '--guard', 'guard', '--images', 'textures', '--out', 'far.csv', '--json');
    const [{ counts: a }, { counts: b }] = [JSON.parse(id.stdout), JSON.parse(far.stdout)];
    expect(a.ood / a.images).toBeLessThan(0.12);
    expect(b.ood / b.images).toBeGreaterThan(3 * (a.ood / a.images));
    const lines = (await readFile(join(cwd, 'new.csv'), 'utf8')).trimEnd().split('\n');
    expect(lines[0]).toBe('id,is_ood,p_value,score,prediction,probability,refused');
    expect(lines).toHaveLength(1 + a.images);
    expect(lines[1]).toMatch(/^A\/\d+\.png,[01],0\.\d+,[\d.]+,[A-J],[\d.]+,$/);
  });

  it('checks single images, and exits with 3 where one is OOD and that was asked for', async () => {
    const [texture] = await readdir(join(cwd, 'textures'));
    await writeFile(join(cwd, 'torn.png'), 'no image');
    const images = ['unseen/A/0.png', `textures/${texture}`, 'torn.png'];
    const text = await run('check', '--guard', 'guard', ...images, '--explain');
    expect(text.code).toBe(EXIT.ok);
    expect(text.stdout).toMatch(/textures\/\d+\.png +(OOD|ID ) +p = [\d.]+ +score/);
    expect(text.stdout).toMatch(/nearest class +[A-J] \(cosine/);
    expect(text.stdout).toMatch(/torn\.png +refused +IMAGE_UNSUPPORTED/);
    const failing = await run('check', '--guard', 'guard', 'torn.png', '--fail-on-ood', '--json');
    expect(failing.code).toBe(EXIT.gateMissed);
    expect(JSON.parse(failing.stdout)).toMatchObject({
      schemaVersion: 1,
      alpha: 0.05,
      images: [{ image: 'torn.png', refusal: { code: 'IMAGE_UNSUPPORTED' } }],
    });
    expect(failing.stderr).toContain('1 of 1 images are OOD or gave no verdict');
  });

  it('exports one ONNX file that any runtime loads, and the report beside it', async () => {
    const { code, stdout } = await run(
      'export',
      '--guard',
      'guard',
      '--out',
      'out/guard.onnx',
      '--images',
      'new',
    );
    expect(code).toBe(EXIT.ok);
    expect(stdout).toMatch(/parity +on 256 images/);
    const session = await nodeRuntime.createSession(join(cwd, 'out/guard.onnx'));
    expect(session.outputs.map(({ name }) => name)).toEqual(['logits', 'score', 'p_value', 'is_ood']);
    await session.close();
    expect((await readdir(join(cwd, 'out'))).sort()).toEqual(['guard.onnx', 'guard.onnx.parity.json']);
  });

  it('without calibration images says what is lost; without --preprocess says what it assumes', async () => {
    const { code, stdout, stderr } = await run(
      ...['fit', '--model', model, '--images', 'train', '--detector', 'msp', '--out', 'seen'],
    );
    expect(code).toBe(EXIT.ok);
    expect(stdout).toMatch(/caveat +No rows unseen by the backbone were given/);
    expect(stderr).toContain('--preprocess mnist assumed');
  });

  it('leaves nothing half-written when interrupted', async () => {
    const { io, abort } = memoryIo({ cwd });
    const stopping = {
      ...io,
      stderr: { ...io.stderr, write: (text: string) => text.startsWith('fitting') && abort() },
    };
    const args = ['fit', '--model', model, '--images', 'train', '--preprocess', 'mnist', '--out', 'stopped'];
    expect(await main([...args, '--detector', 'mahalanobis++'], stopping as typeof io)).toBe(
      EXIT.interrupted,
    );
    expect((await readdir(cwd)).filter(name => name.startsWith('stopped'))).toEqual([]);
  });
});

describe('mistakes', () => {
  const fit = ['fit', '--out', 'never'];
  it.each<[string, string[], number, RegExp]>([
    [
      'a model that is not there',
      [...fit, '--model', 'no.onnx', '--images', 'train'],
      EXIT.usage,
      /no\.onnx: expected an ONNX model/,
    ],
    [
      'images that are not there',
      [...fit, '--model', 'M', '--images', 'trian'],
      EXIT.usage,
      /trian: expected a folder or archive of images/,
    ],
    ['no ID inputs', [...fit, '--model', 'M'], EXIT.usage, /either --images or --features/],
    ['a mistyped flag', [...fit, '--model', 'M', '--image', 'train'], EXIT.usage, /Did you mean --images/],
    [
      'an impossible alpha',
      [...fit, '--model', 'M', '--images', 'train', '--alpha', '5'],
      EXIT.usage,
      /above 0 and below 1/,
    ],
    [
      'an unknown preprocessing',
      [...fit, '--model', 'M', '--images', 'train', '--preprocess', 'imagnet'],
      EXIT.usage,
      /imagnet: expected a preset \(imagenet/,
    ],
    [
      'an unknown detector',
      [...fit, '--model', 'M', '--images', 'train', '--preprocess', 'mnist', '--detector', 'x'],
      EXIT.failed,
      /expected one of fde/,
    ],
    [
      'a guard that is there',
      ['fit', '--out', 'guard', '--model', 'M', '--images', 'train', '--preprocess', 'mnist'],
      EXIT.failed,
      /got a guard; choose another path/,
    ],
    [
      'a guard that is not there',
      ['check', '--guard', 'gaurd', 'torn.png'],
      EXIT.failed,
      /gaurd: expected the folder of a guard, got no such folder/,
    ],
    [
      'an image that is not there',
      ['check', '--guard', 'guard', 'cat.png'],
      EXIT.usage,
      /cat\.png: expected an image file/,
    ],
    [
      'a folder that is no guard',
      ['export', '--guard', 'train', '--out', 'x.onnx'],
      EXIT.failed,
      /without guard\.json/,
    ],
  ])('%s', async (_what, args, code, message) => {
    await writeFile(join(cwd, 'torn.png'), 'no image');
    const result = await run(...args.map(arg => (arg === 'M' ? model : arg)));
    expect(result).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(message) });
    expect(existsSync(join(cwd, 'never'))).toBe(false);
  });
});
