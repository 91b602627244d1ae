import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { glyphSamples, openGlyphs, openGlyphsBackbone } from '@ood/datasets';
import { openFeatureStore } from '@ood/features';
import { encodeModel, makeGraph, makeModel, makeNode } from '@ood/onnx';
import { EXIT } from '@ood/terminal';
import { memoryIo } from '@ood/terminal/testing';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { main } from '../src/main.ts';

let cwd = '';
let model = '';
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'ood-cli-extract-'));
  model = (await openGlyphsBackbone()).path;
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

const run = async (...args: string[]) => {
  const { io, written } = memoryIo({ cwd });
  return { code: await main(args, io), ...written };
};
const extract = (images: string, out: string, ...more: string[]) =>
  run('extract', '--model', model, '--images', images, '--preprocess', 'mnist', '--out', out, ...more);

describe('names of classes', () => {
  const folder = async (name: string, config?: object) => {
    await mkdir(join(cwd, name));
    await copyFile(model, join(cwd, name, 'model.onnx'));
    if (config) await writeFile(join(cwd, name, 'config.json'), JSON.stringify(config));
    return join(name, 'model.onnx');
  };
  const letters = [...'ABCDEFGHIJ'];
  const extracted = async (own: string, out: string, ...more: string[]) => {
    const about = ['--model', own, '--images', 'glyphs:validation', '--preprocess', 'mnist'];
    const { code, stdout, stderr } = await run('extract', ...about, '--out', out, '--json', ...more);
    expect(code, stderr).toBe(EXIT.ok);
    const store = await openFeatureStore(join(cwd, out));
    await store.close();
    return { said: JSON.parse(stdout).classes, kept: store.provenance?.classNames };
  };

  it('from a config.json beside the model, or from --classes, are kept with the features, and reach a guard', async () => {
    const id2label = Object.fromEntries(letters.entries());
    const configured = await folder('configured', { id2label });
    expect(await extracted(configured, 'named.arrow')).toEqual({ said: letters, kept: letters });
    const plain = await folder('plain');
    expect(await extracted(plain, 'nameless.arrow')).toEqual({ said: null, kept: undefined });
    await writeFile(join(cwd, 'names.txt'), letters.map(letter => `letter ${letter}\n`).join(''));
    const own = letters.map(letter => `letter ${letter}`);
    expect(await extracted(plain, 'own.arrow', '--classes', 'names.txt')).toEqual({ said: own, kept: own });
    const { code, stdout, stderr } = await run(
      ...[
        'fit',
        '--model',
        plain,
        '--features',
        'own.arrow',
        '--detector',
        'msp',
        '--alpha',
        '0.2',
        '--json',
      ],
      ...['--out', 'own.guard'],
    );
    expect(code, stderr).toBe(EXIT.ok);
    expect(JSON.parse(stdout).classes).toEqual(own);
  });

  it('of another number are refused where they were asked for, and left alone where not', async () => {
    const other = await folder('other', { id2label: { 0: 'a', 1: 'b' } });
    expect(await extracted(other, 'other.arrow')).toEqual({ said: null, kept: undefined });
    await writeFile(join(cwd, 'two.txt'), 'a\nb\n');
    const { code, stderr } = await extract('glyphs:test', 'two.arrow', '--classes', 'two.txt');
    expect([code, stderr]).toEqual([1, expect.stringMatching(/as many names as the model has classes/)]);
  });
});

it('counts for programs what it left out', async () => {
  await mkdir(join(cwd, 'some'));
  const { pixels } = await glyphSamples((await openGlyphs()).test).read(0);
  await sharp(pixels.data, { raw: { width: 28, height: 28, channels: 1 } })
    .png()
    .toFile(join(cwd, 'some/a.png'));
  await writeFile(join(cwd, 'some/notes.txt'), 'no image');
  await writeFile(join(cwd, 'some/nameless'), 'no image');
  const { code, stdout, stderr } = await extract('some', 'some.arrow', '--json');
  expect(code, stderr).toBe(EXIT.ok);
  expect(JSON.parse(stdout)).toMatchObject({ rows: 1, leftOut: 2 });
});

describe('features of a source in a file', () => {
  it('serve a guard and a comparison of detectors', async () => {
    await mkdir(join(cwd, 'sets'));
    for (const [images, set] of [
      ['glyphs:train', 'id-train'],
      ['glyphs:test', 'id-test'],
      ['glyphs:ood/textures', 'ood-textures'],
    ] as const) {
      const { code, stdout, stderr } = await extract(images, `sets/${set}.arrow`);
      expect(code).toBe(EXIT.ok);
      expect(stdout).toMatch(/^sets\/[a-z-]+\.arrow: \d+ rows of 128 features\n$/);
      expect(stderr).toMatch(/^extracting features +\d+\.\d s {2}\d+ images\n$/);
    }
    const fitted = await run(
      ...['fit', '--model', model, '--features', 'sets/id-train.arrow', '--calibrate', 'glyphs:validation'],
      ...['--detector', 'mahalanobis++', '--out', 'guard'],
    );
    expect(fitted).toMatchObject({ code: EXIT.ok });
    const compared = await run(
      'eval',
      'sets',
      '--detectors',
      'mahalanobis++,energy',
      '--out',
      'run',
      '--json',
    );
    expect(compared).toMatchObject({ code: EXIT.ok });
    const { detectors } = JSON.parse(compared.stdout);
    expect(detectors.map(({ detector }: { detector: string }) => detector)).toEqual([
      'Mahalanobis++',
      'Energy',
    ]);
  });

  it('and the head of their model serve detectors that read its weights', async () => {
    const args = ['eval', 'sets', '--out', 'heads', '--json', '--detectors', 'vim,react,energy'];
    const without = await run(...args);
    expect(without.code).toBe(EXIT.failed);
    expect(JSON.parse(without.stdout).failures.map(({ detector }: { detector: string }) => detector)).toEqual(
      ['ViM', 'ReAct'],
    );
    const compared = await run(...args, '--model', model);
    expect(compared, compared.stderr).toMatchObject({ code: EXIT.ok });
    const { detectors } = JSON.parse(compared.stdout);
    expect(detectors.map(({ detector }: { detector: string }) => detector)).toEqual([
      'ViM',
      'ReAct',
      'Energy',
    ]);
  });

  it('but not the head of another model', async () => {
    const weights = Float32Array.from({ length: 1280 }, (_, i) => Math.sin(i));
    const graph = makeGraph('other', {
      inputs: [{ name: 'x', type: 'float32', dims: ['batch', 128] }],
      outputs: [{ name: 'y', type: 'float32', dims: ['batch', 10] }],
      nodes: [
        makeNode('Relu', { inputs: ['x'], outputs: ['f'] }),
        makeNode('Gemm', { inputs: ['f', 'W'], outputs: ['y'] }),
      ],
      initializers: { W: { type: 'float32', dims: [128, 10], data: weights } },
    });
    await writeFile(join(cwd, 'other.onnx'), encodeModel(makeModel(graph)));
    const { code, stderr } = await run(
      'eval',
      'sets',
      '--detectors',
      'vim',
      '--model',
      'other.onnx',
      '--out',
      'x',
    );
    expect(code).toBe(EXIT.failed);
    expect(stderr).toMatch(/^(.*\n)?error: other\.onnx: expected the model that the features come from/m);
  });

  it('are not computed again, and go on after an interruption', async () => {
    const controller = new AbortController();
    const { io, written } = memoryIo({ cwd, controller });
    let calls = 0;
    const now = () => {
      if (++calls === 6) controller.abort();
      return calls;
    };
    const args = ['extract', '--model', model, '--images', 'glyphs:train', '--preprocess', 'mnist'];
    expect(await main([...args, '--out', 'stopped.arrow'], { ...io, now })).toBe(EXIT.interrupted);
    expect(written.stdout).toBe('');
    expect(await readdir(cwd)).toContain('stopped.arrow.incomplete');

    const resumed = await extract('glyphs:train', 'stopped.arrow', '--json');
    const { rows, reusedRows, refused } = JSON.parse(resumed.stdout);
    expect(reusedRows).toBeGreaterThan(0);
    expect(reusedRows).toBeLessThan(rows);
    expect(refused).toEqual([]);
    const whole = await openFeatureStore(join(cwd, 'stopped.arrow'));
    expect(whole.rows).toBe(rows);
    await whole.close();
    const again = await extract('glyphs:train', 'stopped.arrow');
    expect(again.stdout).toBe(`stopped.arrow: ${rows} rows of 128 features, all of them from before\n`);
  });

  it('name the images that gave none', async () => {
    await mkdir(join(cwd, 'bad'));
    const { default: sharp } = await import('sharp');
    const grey = sharp({ create: { width: 28, height: 28, channels: 3, background: 'grey' } });
    await writeFile(join(cwd, 'bad', 'a.png'), await grey.png().toBuffer());
    for (let i = 0; i < 7; i++) await writeFile(join(cwd, 'bad', `b${i}.png`), 'no picture');
    const { code, stdout } = await extract('bad', 'bad.arrow');
    expect(code).toBe(EXIT.ok);
    expect(stdout).toMatch(/^bad\.arrow: 1 rows of 128 features; 7 images refused:\n {2}b0\.png: /);
    expect(stdout).toMatch(/\n {2}and 2 more\n$/);
  });
});

describe('what cannot be extracted is refused before any work', () => {
  it.each([
    ['features.npy', [], '--out features.npy: expected a path that ends in .arrow'],
    [
      'text.arrow',
      [],
      'expected a path where nothing is yet, or a feature store to replace, got another file',
    ],
    ['here.arrow', ['--preprocess', 'cifar'], 'expected samples of shape [1, 28, 28], got [3, 32, 32]'],
    ['here.arrow', ['--element', 'float64'], "argument 'float64' is invalid"],
    [
      'here.arrow',
      ['--images', 'nowhere'],
      'nowhere: expected a folder or archive of images, got no such file or folder',
    ],
  ])('%s %j', async (out, more, message) => {
    await writeFile(join(cwd, 'text.arrow'), 'my notes');
    const { code, stdout, stderr } = await extract('glyphs:validation', out, ...more);
    expect([code, stdout]).toEqual([more.includes('cifar') ? EXIT.failed : EXIT.usage, '']);
    expect(stderr).toContain(message);
    expect(await readFile(join(cwd, 'text.arrow'), 'utf8')).toBe('my notes');
  });

  it('other inputs, or another type, than those of the file', async () => {
    await extract('glyphs:validation', 'made.arrow');
    const others = await extract('glyphs:test', 'made.arrow');
    expect(others.code).toBe(EXIT.usage);
    expect(others.stderr).toMatch(
      /^error: .*made\.arrow: expected .*; extract to another path, or pass --overwrite\n$/,
    );
    const halves = await extract('glyphs:validation', 'made.arrow', '--element', 'float16');
    expect(halves.stderr).toMatch(/expected features stored as float16, got float32; .*pass --overwrite\n$/);
    expect(
      await extract('glyphs:validation', 'made.arrow', '--element', 'float16', '--overwrite'),
    ).toMatchObject({
      code: EXIT.ok,
    });
  });
});
