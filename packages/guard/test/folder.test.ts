import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isOodError } from '@ood/core';
import { hashPreprocessing, preset } from '@ood/features';
import { describe, expect, it } from 'vitest';
import { exportGuard, fitGuard, type Manifest, openGuard } from '../src/index.ts';
import { glyphOptions, mnist, useGlyphGuard } from './glyph-guard.ts';
import { glyphs, glyphsModel } from './glyphs.ts';

const context = useGlyphGuard();
let copies = 0;

/** A copy of the guard, changed. */
async function changed(change: (folder: string) => Promise<unknown>): Promise<string> {
  const folder = join(context.folder, `copy-${copies++}`);
  await cp(context.path, folder, { recursive: true });
  await change(folder);
  return folder;
}

const editManifest = (edit: (manifest: Manifest & Record<string, unknown>) => object) => (folder: string) =>
  readFile(join(folder, 'guard.json'), 'utf8').then(text =>
    writeFile(join(folder, 'guard.json'), JSON.stringify(edit(JSON.parse(text)))),
  );

const flipByte = (file: string) => async (folder: string) => {
  const bytes = await readFile(join(folder, file));
  bytes[bytes.length >> 1]! ^= 1;
  await writeFile(join(folder, file), bytes);
};

/** Feature rows, NaN in those listed. */
function rows(count: number, cols: number, ...bad: number[]) {
  const data = Float32Array.from({ length: count * cols }, (_, i) => Math.sin(i * i));
  for (const row of bad) data[row * cols + 1] = Number.NaN;
  return { features: { rows: count, cols, data } };
}

const twice = glyphs('validation', 2);
const glyphsHash = createHash('sha256').update(readFileSync(glyphsModel)).digest('hex');
const noImages = {
  length: 100,
  async *[Symbol.asyncIterator]() {
    for (let i = 0; i < 100; i++) yield { id: String(i), bytes: new Uint8Array([i]) };
  },
};
const unread = {
  // biome-ignore lint/correctness/useYield: it must not be read
  async *[Symbol.asyncIterator](): AsyncGenerator<never> {
    throw new Error('read before the options were checked');
  },
};
const bicubic = preset('mnist', { filter: 'bicubic' });

describe('opening refuses', () => {
  it.each<[string, string, RegExp, (folder: string) => Promise<unknown>]>([
    [
      'a folder that is not there',
      'FILE_NOT_FOUND',
      /no such folder/,
      folder => rm(folder, { recursive: true }),
    ],
    [
      'a folder of something else',
      'FOREIGN_FILE',
      /without guard\.json/,
      folder => rm(join(folder, 'guard.json')),
    ],
    [
      'a manifest that is a link',
      'CORRUPT_FILE',
      /expected a plain file guard\.json, got a link/,
      async folder => {
        await rm(join(folder, 'guard.json'));
        await symlink('guard.json', join(folder, 'guard.json'));
      },
    ],
    [
      'a model that is a link',
      'CORRUPT_FILE',
      /expected a plain file model\.onnx, got a link/,
      async folder => {
        await rm(join(folder, 'model.onnx'));
        await symlink('model.onnx', join(folder, 'model.onnx'));
      },
    ],
    [
      'a manifest of another format',
      'FOREIGN_FILE',
      /format "other"/,
      editManifest(manifest => ({ ...manifest, format: 'other' })),
    ],
    [
      'a guard of a newer version',
      'NEWER_VERSION',
      /version 4; update @ood\/guard/,
      editManifest(manifest => ({ ...manifest, version: 4 })),
    ],
    [
      'a torn manifest',
      'CORRUPT_FILE',
      /does not parse/,
      f => writeFile(join(f, 'guard.json'), '{"format": "ood'),
    ],
    [
      'a manifest with parts missing',
      'CORRUPT_FILE',
      /calibration in guard\.json to be an object, got nothing/,
      editManifest(({ calibration: _, ...rest }) => rest),
    ],
    ['a model that was changed', 'CORRUPT_FILE', /model\.onnx with SHA-256/, flipByte('model.onnx')],
    [
      'a detector that was changed',
      'CORRUPT_FILE',
      /detector\.safetensors/,
      flipByte('detector.safetensors'),
    ],
    [
      'a probe image that is missing',
      'CORRUPT_FILE',
      /no such file/,
      folder => rm(join(folder, 'probes/1.png')),
    ],
    [
      'a preprocessing that was changed',
      'PREPROCESSING_CHANGED',
      /belong to the preprocessing/,
      editManifest(manifest => ({ ...manifest, preprocessing: bicubic })),
    ],
    [
      'a preprocessing that was changed together with its hash',
      'PROBE_MISMATCH',
      /the stored features of 4 probe inputs/,
      editManifest(manifest => ({
        ...manifest,
        preprocessing: bicubic,
        preprocessingHash: hashPreprocessing(bicubic),
      })),
    ],
    [
      'a threshold set by hand',
      'CORRUPT_FILE',
      /a threshold set by hand guarantees nothing/,
      editManifest(manifest => ({ ...manifest, calibration: { ...manifest.calibration, threshold: 1e6 } })),
    ],
  ])('%s: %s', async (_what, code, message, change) => {
    const folder = await changed(change);
    const error = await openGuard(folder).catch((caught: unknown) => caught);
    expect(isOodError(error)).toBe(true);
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it('a preprocessing other than the one that the caller counts on', async () => {
    await expect(openGuard(context.path, { preprocessing: bicubic })).rejects.toMatchObject({
      code: 'PREPROCESSING_CHANGED',
    });
    const guard = await openGuard(context.path, { preprocessing: mnist });
    await guard.close();
  });
});

describe('making a guard', () => {
  const out = () => join(context.folder, `new-${copies++}`);

  it('gives the same bytes for the same seed', async () => {
    const again = out();
    await fitGuard(again, glyphOptions());
    const hashes = async (folder: string) =>
      JSON.parse(await readFile(join(folder, 'guard.json'), 'utf8')).files;
    expect(await hashes(again)).toEqual(await hashes(context.path));
  });

  it('without calibration rows holds some out, and says what is lost', async () => {
    const { calibration: _, ...options } = glyphOptions();
    const { calibration, trainingRows, warnings } = await fitGuard(out(), options);
    expect(calibration.source).toBe('held-out');
    expect(calibration.count + trainingRows).toBe(glyphs('train', 4).length);
    expect(calibration.count / glyphs('train', 4).length).toBeCloseTo(0.2, 1);
    expect(warnings).toMatchObject([
      { code: 'HELD_OUT', message: expect.stringContaining('expect more false alarms than alpha') },
    ]);
    expect(calibration.guarantee).toContain('held-out rows only');
  });

  it('calibrates on rows extracted before as on their images', async () => {
    const { extract, openBackbone } = await import('@ood/features');
    const backbone = await openBackbone(glyphOptions().model);
    const rows = async (set: string, step: number) =>
      extract(backbone, glyphs(set, step), { preprocessing: mnist });
    const train = await rows('train', 4);
    const calibration = await rows('validation', 2);
    await backbone.close();
    const fromRows = await fitGuard(out(), glyphOptions({ train, calibration }));
    const guard = await openGuard(context.path, { worker: false });
    expect(fromRows.calibration.threshold).toBeCloseTo(guard.describe().calibration.threshold, 2);
    await guard.close();
    const streamed = { open: () => [train] };
    const fromStream = await fitGuard(out(), glyphOptions({ train: streamed, calibration }));
    expect(fromStream.calibration.threshold).toBeCloseTo(fromRows.calibration.threshold, 2);
  });

  it('serves a detector that is no graph from the folder, and says that it cannot be exported', async () => {
    const folder = out();
    const { scoredBy } = await fitGuard(
      folder,
      glyphOptions({ detector: 'knn', train: glyphs('train', 2), detectorOptions: { k: 10 } }),
    );
    const guard = await openGuard(folder);
    const [outcome] = await guard.checkBatch([(await glyphs('test').read(3)).pixels]);
    await guard.close();
    expect(outcome).toMatchObject({ verdict: { score: expect.any(Number) } });
    const exported = exportGuard(folder, join(context.folder, 'knn.onnx'));
    if (scoredBy === 'graph') expect((await exported).sample.decisions).toBe(0);
    else await expect(exported).rejects.toMatchObject({ code: 'NOT_EXPORTABLE' });
  });

  it.each<[string, string, RegExp, Parameters<typeof glyphOptions>[0]]>([
    ['an alpha of 1', 'INVALID_OPTION', /strictly between 0 and 1/, { alpha: 1 }],
    ['nothing to fit on', 'INVALID_OPTION', /option train/, { train: undefined as never }],
    ['an origin that is no plain fact', 'INVALID_OPTION', /texts, numbers/, { origin: { by: {} } as never }],
    ['an origin that is not finite', 'INVALID_OPTION', /texts, numbers/, { origin: { n: Number.NaN } }],
    [
      'too few rows for alpha',
      'TOO_FEW',
      /at least 999 distinct rows/,
      { alpha: 0.001, calibration: glyphs('validation', 10) },
    ],
    [
      'a preprocessing that the model cannot take',
      'MODEL_INPUT_MISMATCH',
      /./,
      { preprocessing: preset('cifar') },
    ],
    [
      'too few rows to hold some out',
      'TOO_FEW',
      /at least 999 distinct rows for alpha = 0.001, got \d+ \(a fifth of those to fit on, held out\)/,
      { alpha: 0.001, calibration: undefined },
    ],
    [
      'the same rows twice',
      'INVALID_OPTION',
      /other inputs than train/,
      { train: twice, calibration: twice },
    ],
    ['images that are none', 'TOO_FEW', /train: .* got none: 0: decodeImage/, { train: noImages }],
    ['no calibration image', 'TOO_FEW', /calibration: .* got none: 0/, { calibration: noImages }],
    [
      'features of another width',
      'WRONG_SHAPE',
      /train: expected features of 128 columns, got 3/,
      { train: rows(400, 3) },
    ],
    [
      'calibration features of another width, before any fit',
      'WRONG_SHAPE',
      /calibration: expected features of 128 columns, got 5/,
      { train: { open: () => [rows(1, 3)] }, calibration: rows(400, 5) },
    ],
    [
      'calibration images that the model cannot take, before any fit',
      'MODEL_INPUT_MISMATCH',
      /expected samples of shape/,
      { train: { open: () => unread }, preprocessing: preset('cifar') },
    ],
    [
      'calibration images without a preprocessing, before any fit',
      'INVALID_OPTION',
      /expected a preprocessing, since the samples are images/,
      { train: { open: () => unread }, preprocessing: undefined as never },
    ],
    [
      'NaN, by its row among all',
      'NON_FINITE',
      /train: expected finite features, got NaN or infinity in 2 of 400 rows, the first in row 417/,
      { train: { open: () => [rows(400, 128), rows(400, 128, 17, 30)] }, calibration: undefined },
    ],
    [
      'a label too few',
      'WRONG_SHAPE',
      /one label for each of 400 rows, got 3/,
      { train: { ...rows(400, 128), labels: new Int32Array(3) } },
    ],
    [
      'features of another layer',
      'FOREIGN_ROWS',
      /train: expected features of layer .*, got those of other/,
      {
        train: {
          open: () => [],
          provenance: {
            model: { sha256: glyphsHash, layer: 'other', pooling: 'none' },
            preprocessing: mnist,
          },
        },
      },
    ],
    [
      'a detector that reads a head that the model lacks',
      'UNSUPPORTED',
      /expected a classification head, which vim reads, got none; take a detector of features alone/,
      { detector: 'vim', backbone: { head: 'none' } },
    ],
    [
      'a detector that reads logits that the model lacks',
      'UNSUPPORTED',
      /expected logits, which msp reads/,
      { detector: 'msp', backbone: { head: 'none' } },
    ],
    ['an unknown detector', 'UNKNOWN_DETECTOR', /mahalanobis/, { detector: 'mahalanobs', train: unread }],
  ])('refuses %s: %s, and leaves nothing behind', async (_what, code, message, options) => {
    const folder = out();
    await expect(fitGuard(folder, glyphOptions(options))).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
    expect(
      (await readdir(context.folder)).filter(name => name.startsWith(folder.split('/').at(-1)!)),
    ).toEqual([]);
  });

  it('counts the inputs that it could not take', async () => {
    const torn = async function* () {
      yield* glyphs('validation', 4);
      for (let i = 0; i < 3; i++) yield { id: `torn ${i}`, bytes: new Uint8Array(9) };
    };
    const calls: number[] = [];
    const { refused, calibration } = await fitGuard(
      out(),
      glyphOptions({
        calibration: { [Symbol.asyncIterator]: torn },
        onProgress: ({ stage, part, failures }) =>
          stage === 'extracting' && part === 'calibration' && calls.push(failures ?? 0),
      }),
    );
    expect(refused).toEqual({ train: 0, calibration: 3 });
    expect(calls.at(-1)).toBe(3);
    expect(calibration.count).toBe(glyphs('validation', 4).length);
  });

  it('serves a residual flow by its graph, and exports it', async () => {
    const folder = out();
    const options = { detector: 'fde-residual', train: glyphs('train', 16), detectorOptions: { epochs: 1 } };
    expect((await fitGuard(folder, glyphOptions(options))).scoredBy).toBe('graph');
    await exportGuard(folder, join(context.folder, 'residual.onnx'));
    const guard = await openGuard(folder, { worker: false });
    const { pixels } = await glyphs('test').read(3);
    expect((await guard.check(pixels)).score).toBe((await guard.check(pixels)).score);
    await guard.close();
  });

  it('never touches a folder that is not a guard, and a guard only when asked', async () => {
    const foreign = out();
    await mkdir(foreign);
    await writeFile(join(foreign, 'thesis.txt'), 'precious');
    const attempt = fitGuard(foreign, glyphOptions({ overwrite: true }));
    await expect(attempt).rejects.toMatchObject({
      code: 'FILE_EXISTS',
      message: expect.stringMatching('not a guard'),
    });
    expect(await readdir(foreign)).toEqual(['thesis.txt']);
    await writeFile(join(foreign, 'guard.json'), '{ "of": "another program" }');
    await expect(fitGuard(foreign, glyphOptions({ overwrite: true }))).rejects.toMatchObject({
      code: 'FILE_EXISTS',
    });
    expect(await readdir(foreign)).toHaveLength(2);
    await expect(fitGuard(context.path, glyphOptions())).rejects.toMatchObject({ code: 'FILE_EXISTS' });
  });

  it('replaces a guard when asked, once the new one is whole, and leaves nothing else', async () => {
    const folder = await changed(async () => {});
    const scores = async () => (await readFile(join(folder, 'calibration.safetensors'))).toString('base64');
    const before = await scores();
    const failing = { detector: 'msp', calibration: { open: () => [] } };
    await expect(fitGuard(folder, glyphOptions({ ...failing, overwrite: true }))).rejects.toMatchObject({
      code: 'TOO_FEW',
    });
    expect(await scores()).toBe(before);
    await fitGuard(folder, glyphOptions({ detector: 'msp', overwrite: true }));
    expect(await scores()).not.toBe(before);
    const name = folder.split('/').at(-1)!;
    expect((await readdir(context.folder)).filter(entry => entry.startsWith(name))).toEqual([name]);
  });

  it('stops when aborted, and leaves nothing behind', async () => {
    const folder = out();
    const controller = new AbortController();
    const reason = new Error('enough');
    const made = fitGuard(
      folder,
      glyphOptions({
        signal: controller.signal,
        onProgress: ({ stage }) => {
          if (stage === 'writing') controller.abort(reason);
        },
      }),
    );
    await expect(made).rejects.toMatchObject({ code: 'ABORTED', cause: reason });
    expect(
      (await readdir(context.folder)).filter(name => name.startsWith(folder.split('/').at(-1)!)),
    ).toEqual([]);
  });
});
