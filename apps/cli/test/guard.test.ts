import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type DenseArray, encodeNpy } from '@ood/core';
import { writeWholeFile } from '@ood/core/node';
import { glyphSamples, openGlyphs, openGlyphsBackbone } from '@ood/datasets';
import { encodeModel, graphOf, makeGraph, makeModel, makeNode, prependNodes } from '@ood/onnx';
import { nodeRuntime, readModel, writeModel } from '@ood/onnx/node';
import { EXIT } from '@ood/terminal';
import { memoryIo } from '@ood/terminal/testing';
import sharp from 'sharp';
import { create } from 'tar';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { main } from '../src/main.ts';
import { startOod } from './start-ood.ts';

const writeNpy = (path: string, array: DenseArray) => writeWholeFile(path, encodeNpy(array));

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
  expect(made.stdout).not.toContain('warning');
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
    const again = await run('score', '--guard', 'guard', '--images', 'textures', '--out', 'far.csv');
    expect(again).toMatchObject({ code: EXIT.ok });
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
    const bytes = await readFile(join(cwd, 'unseen/A/0.png'));
    const piped = memoryIo({ cwd, stdin: [bytes.subarray(0, 100), bytes.subarray(100)] });
    expect(await main(['check', '--guard', 'guard', '-'], piped.io)).toBe(EXIT.ok);
    expect(piped.written.stdout.slice(1)).toBe(
      text.stdout.split('\n')[0]!.slice('unseen/A/0.png'.length).replace(/^ +/, '  ').concat('\n'),
    );
    const failing = await run('check', '--guard', 'guard', 'torn.png', '--fail-on-ood', '--json');
    expect(failing.code).toBe(EXIT.gateMissed);
    expect(JSON.parse(failing.stdout)).toMatchObject({
      schemaVersion: 1,
      alpha: 0.05,
      images: [{ image: 'torn.png', refusal: { code: 'IMAGE_UNSUPPORTED' } }],
    });
    expect(failing.stderr).toContain('1 of 1 images are OOD or gave no verdict');
  });

  it.skipIf(process.platform !== 'linux')('refuses a file that cannot be read, and goes on', async () => {
    const { code, stdout } = await run('check', '--guard', 'guard', '/proc/self/mem', 'unseen/A/0.png');
    expect(code).toBe(EXIT.ok);
    expect(stdout).toMatch(/\/proc\/self\/mem +refused +IMAGE_EMPTY: .*\nunseen\/A\/0\.png +(ID|OOD)/);
  });

  it.skipIf(process.platform !== 'linux')('refuses such a file among those of a folder', async () => {
    await mkdir(join(cwd, 'barred'));
    await symlink('/proc/self/mem', join(cwd, 'barred/a.png'));
    await symlink(join(cwd, 'unseen/A/0.png'), join(cwd, 'barred/b.png'));
    const { code, stderr } = await run('score', '--guard', 'guard', '--images', 'barred', '--out', 'b.csv');
    expect(code).toBe(EXIT.ok);
    expect(stderr).toContain('note: a.png is refused: a disk that cannot be read or written (EIO)\n');
    expect(await readFile(join(cwd, 'b.csv'), 'utf8')).toMatch(/\na\.png,,,,,,IMAGE_EMPTY\nb\.png,[01],/);
  });

  it('prepares images for a model of half floats whose channels come last', async () => {
    const [input] = graphOf(await readModel(model)).input;
    const transposed = prependNodes(await readModel(model), {
      input: input!.name,
      from: 'planes',
      inputs: [{ name: 'pixels', type: 'float16', dims: ['batch', 28, 28, 1] }],
      nodes: [
        makeNode('Cast', { inputs: ['pixels'], outputs: ['floats'], attributes: { to: 1n } }),
        makeNode('Transpose', {
          inputs: ['floats'],
          outputs: ['planes'],
          attributes: { perm: [0n, 3n, 1n, 2n] },
        }),
      ],
    });
    await writeModel(join(cwd, 'last.onnx'), transposed);
    const rest = ['--images', 'train', '--calibrate', 'unseen.tar', '--detector', 'mahalanobis++', '--json'];
    const thresholdOf = async (...args: string[]) => {
      const { code, stdout, stderr } = await run('fit', ...args, ...rest);
      expect({ code, stderr }).toMatchObject({ code: EXIT.ok });
      return { stderr, threshold: JSON.parse(stdout).calibration.threshold as number };
    };
    const usual = await thresholdOf('--model', model, '--out', 'usual', '--preprocess', 'mnist');
    const last = await thresholdOf('--model', 'last.onnx', '--out', 'last');
    expect(last.stderr).toContain("--preprocess mnist assumed from the model's input [28, 28, 1]");
    expect(last.threshold / usual.threshold).toBeCloseTo(1, 2);
  });

  it('counts the images that it could not take, in text and JSON', async () => {
    await mkdir(join(cwd, 'mixed'), { recursive: true });
    for (let i = 0; i < 4; i++) await writeFile(join(cwd, `mixed/torn-${i}.png`), 'no image');
    await writeImages('mixed', (await openGlyphs()).validation, 8);
    const args = [
      'fit',
      '--model',
      model,
      '--images',
      'train',
      '--calibrate',
      'mixed',
      '--preprocess',
      'mnist',
    ];
    const text = await run(...args, '--detector', 'msp', '--out', 'some');
    expect(text.stdout).toMatch(/refused +0 inputs to fit on and 4 to calibrate on/);
    const json = await run(...args, '--detector', 'msp', '--out', 'some', '--overwrite', '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({
      schemaVersion: 1,
      refused: { train: 0, calibration: 4 },
    });
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
    const again = await run('export', '--guard', 'guard', '--out', 'out/guard.onnx', '--json');
    expect(again).toMatchObject({ code: EXIT.ok });
  });

  it('without calibration images says what is lost; without --preprocess says what it assumes', async () => {
    const { code, stdout, stderr } = await run(
      ...['fit', '--model', model, '--images', 'train', '--detector', 'msp', '--out', 'seen'],
    );
    expect(code).toBe(EXIT.ok);
    expect(stdout).toMatch(/warning +No rows to calibrate on were given/);
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

describe('a guard that one can be sure of', () => {
  const pem = (key: KeyObject, type: 'spki' | 'pkcs8') => key.export({ type, format: 'pem' });
  it('prints its digest and is signed; another digest or key is refused by check, score and export', async () => {
    const [ours, others] = [generateKeyPairSync('ed25519'), generateKeyPairSync('ed25519')];
    await writeFile(join(cwd, 'key.pem'), pem(ours.privateKey, 'pkcs8'));
    await writeFile(join(cwd, 'ours.pem'), pem(ours.publicKey, 'spki'));
    await writeFile(join(cwd, 'others.pem'), pem(others.publicKey, 'spki'));
    const made = await run(
      ...['fit', '--model', model, '--images', 'train', '--calibrate', 'unseen', '--preprocess', 'mnist'],
      ...['--detector', 'msp', '--sign', 'key.pem', '--out', 'signed', '--json'],
    );
    expect(made, made.stderr).toMatchObject({ code: EXIT.ok });
    const { digest, warnings } = JSON.parse(made.stdout);
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    expect(warnings).toEqual([]);
    const sure = await run(
      'check',
      '--guard',
      'signed',
      '--digest',
      digest,
      '--verify',
      'ours.pem',
      'unseen/A/0.png',
    );
    expect(sure, sure.stderr).toMatchObject({ code: EXIT.ok });
    const wrong = digest.replace(/^./, (digit: string) => (digit === '0' ? '1' : '0'));
    for (const command of [
      ['check', 'unseen/A/0.png'],
      ['score', '--images', 'unseen', '--out', 'unsure.csv'],
      ['export', '--out', 'unsure.onnx'],
    ]) {
      const asked = [...command, '--guard', 'signed'];
      const other = await run(...asked, '--digest', wrong);
      expect(other).toMatchObject({ code: EXIT.failed, stdout: '', stderr: expect.stringMatching(/digest/) });
      const forged = await run(...asked, '--verify', 'others.pem');
      expect(forged).toMatchObject({
        code: EXIT.failed,
        stdout: '',
        stderr: expect.stringMatching(/signature/),
      });
    }
    expect((await readdir(cwd)).filter(name => name.startsWith('unsure'))).toEqual([]);
  });

  it.each([
    [['--digest', 'abc'], /expected 64 hexadecimal digits/],
    [['--verify', 'torn.png'], /expected an Ed25519 public key in PEM, got something else/],
    [['--verify', 'nowhere.pem'], /nowhere\.pem: expected an Ed25519 key in PEM, got no such file/],
  ])('refuses %j', async (flags, message) => {
    await writeFile(join(cwd, 'torn.png'), 'no image');
    const { code, stderr } = await run('check', '--guard', 'guard', ...flags, 'unseen/A/0.png');
    expect(code).toBe(EXIT.usage);
    expect(stderr).toMatch(message);
  });
});

describe.skipIf(process.platform === 'win32')('a limit on the size of files', () => {
  it.each([
    ['score', ['--images', 'new', '--out', 'full.csv'], 1],
    ['export', ['--out', 'full.onnx'], 8],
    ['extract', ['--images', 'new', '--preprocess', 'mnist', '--out', 'full.arrow'], 8],
  ])(
    'ends ood %s with the name of the file, and leaves nothing under it',
    async (command, args, fileLimit) => {
      const about = command === 'extract' ? ['--model', model] : ['--guard', 'guard'];
      const { code, stdout, stderr } = await startOod([command, ...about, ...args], { cwd, fileLimit }).ended;
      expect([code, stdout]).toEqual([EXIT.failed, '']);
      expect(stderr).toMatch(/error: .*full\.[a-z.]+: expected .*, got .*EFBIG.*; /);
      expect((await readdir(cwd)).filter(name => /^full.*(csv|onnx|arrow)$/.test(name))).toEqual([]);
    },
  );
});

describe('a guard of vectors', () => {
  it('is made from features, and says that it checks no images', async () => {
    const graph = makeGraph('vectors', {
      inputs: [{ name: 'x', type: 'float32', dims: ['n', 4] }],
      outputs: [{ name: 'features', type: 'float32', dims: ['n', 4] }],
      nodes: [makeNode('Tanh', { inputs: ['x'], outputs: ['features'] })],
    });
    await writeFile(join(cwd, 'vectors.onnx'), encodeModel(makeModel(graph)));
    // Features that hang together, so that shuffled ones can be told from them.
    const rows = (from: number) =>
      Float32Array.from({ length: 400 }, (_, i) => {
        const common = Math.sin((from + Math.floor(i / 4)) ** 2);
        return common * [1, -1, 0.5, 2][i % 4]! + 0.05 * Math.sin((from + i) ** 2 * 1.7);
      });
    await writeNpy(join(cwd, 'a.npy'), { shape: [100, 4], data: rows(0) });
    await writeNpy(join(cwd, 'b.npy'), { shape: [100, 4], data: rows(1000) });
    const args = ['fit', '--model', 'vectors.onnx', '--features', 'a.npy', '--calibrate', 'b.npy'];
    const made = await run(...args, '--detector', 'knn', '--out', 'vectors');
    expect(made).toMatchObject({ code: EXIT.ok, stdout: expect.stringContaining('none: vectors') });
    const early = await run(...args.slice(0, 5), '--calibrate', 'new', '--detector', 'knn', '--out', 'early');
    expect(early).toMatchObject({ code: EXIT.usage, stdout: '' });
    expect(early.stderr).toMatch(
      /^error: new: expected --preprocess, since the model takes vectors, got none/,
    );
    for (const rest of [
      ['check', '--guard', 'vectors', 'unseen/A/0.png'],
      ['score', '--guard', 'vectors', '--images', 'new', '--out', 'x.csv'],
    ]) {
      const { code, stderr } = await run(...rest);
      expect(code).toBe(EXIT.usage);
      expect(stderr).toContain('vectors: expected a guard of images, got one of vectors [4]');
    }
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
    [
      'no ID inputs',
      [...fit, '--model', 'M'],
      EXIT.usage,
      /either --images or --text or --audio or --features/,
    ],
    ['a mistyped flag', [...fit, '--model', 'M', '--image', 'train'], EXIT.usage, /Did you mean --images/],
    [
      'a mistyped flag of what must be given',
      ['check', '--gaurd', 'guard', 'torn.png'],
      EXIT.usage,
      /'--gaurd'\n.*Did you mean --guard/,
    ],
    [
      'a flag left out',
      ['check', 'torn.png'],
      EXIT.usage,
      /required option '--guard <folder>' not specified/,
    ],
    [
      'a folder for a model',
      [...fit, '--model', 'train', '--images', 'train'],
      EXIT.usage,
      /train: expected an ONNX file, got a folder/,
    ],
    [
      'a folder for a preprocessing',
      [...fit, '--model', 'M', '--images', 'train', '--preprocess', 'train'],
      EXIT.usage,
      /train: expected a preset .* got a folder/,
    ],
    [
      'a folder for features',
      [...fit, '--model', 'M', '--features', 'train'],
      EXIT.usage,
      /train: expected features: .* got a folder/,
    ],
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
      EXIT.usage,
      /expected one of fde/,
    ],
    [
      'a guard that is there',
      ['fit', '--out', 'guard', '--model', 'M', '--images', 'train', '--preprocess', 'mnist'],
      EXIT.usage,
      /got a guard; choose another path/,
    ],
    [
      'a guard that is not there',
      ['check', '--guard', 'gaurd', 'torn.png'],
      EXIT.usage,
      /gaurd: expected the folder of a guard, got no such file or folder/,
    ],
    [
      'a guard that is not there, to score with',
      ['score', '--guard', 'gaurd', '--images', 'new', '--out', 'x.csv'],
      EXIT.usage,
      /gaurd: expected the folder of a guard, got no such file or folder/,
    ],
    [
      'the same images twice',
      [...fit, '--model', 'M', '--images', 'train', '--calibrate', './train'],
      EXIT.usage,
      /--calibrate \.\/train: expected other ID inputs than those to fit on/,
    ],
    [
      'too few images to calibrate on, before any work',
      [...fit, '--model', 'M', '--images', 'train', '--calibrate', 'unseen', '--alpha', '0.0001'],
      EXIT.failed,
      /^note: .*\nerror: calibration: expected at least 9999 distinct rows for alpha = 0\.0001, got \d+; .*\n$/,
    ],
    [
      'a preprocessing with a mistake',
      [...fit, '--model', 'M', '--images', 'train', '--preprocess', 'bad.json'],
      EXIT.usage,
      /bad\.json: preprocessing: expected only the keys .* got 'colr'/,
    ],
    [
      'scores to be written over an image',
      ['score', '--guard', 'guard', '--images', 'new', '--out', 'unseen/A/0.png'],
      EXIT.usage,
      /--out .*0\.png: expected a path where nothing is yet, or scores to replace, got another file/,
    ],
    [
      'a file to be exported over the model of a guard',
      ['export', '--guard', 'guard', '--out', 'guard/model.onnx'],
      EXIT.usage,
      /--out .*model\.onnx: expected a path where nothing is yet, or an exported guard to replace, got another/,
    ],
    [
      'scores to be written over a folder',
      ['score', '--guard', 'guard', '--images', 'new', '--out', 'train'],
      EXIT.usage,
      /--out .*train: expected the path of a file, got a folder/,
    ],
    [
      'scores to be written over a device',
      ['score', '--guard', 'guard', '--images', 'new', '--out', '/dev/null'],
      EXIT.usage,
      /--out \/dev\/null: expected the path of a file, got a device/,
    ],
    [
      'a file to be exported over a folder',
      ['export', '--guard', 'guard', '--out', 'train'],
      EXIT.usage,
      /--out .*train: expected the path of a file/,
    ],
    [
      'a folder where an image is expected',
      ['check', '--guard', 'guard', 'train'],
      EXIT.usage,
      /train: expected an image file, got a folder; score folders with ood score/,
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
    await writeFile(join(cwd, 'bad.json'), '{ "colr": "rgb" }');
    const result = await run(...args.map(arg => (arg === 'M' ? model : arg)));
    expect(result).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(message) });
    expect(existsSync(join(cwd, 'never'))).toBe(false);
  });
});
