import { createHash } from 'node:crypto';
import { cp, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isOodError } from '@ood/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openGlyphsBackbone } from './open-backbone.ts';
import { glyphsFolder } from './open-glyphs.ts';

describe('the backbone of the glyphs', () => {
  it('is an ONNX file of at most 2 MB whose path, bytes and hash agree', async () => {
    const { path, bytes, sha256, input, output } = await openGlyphsBackbone();
    expect(bytes.length).toBeLessThanOrEqual(2e6);
    expect((await readFile(path)).equals(bytes)).toBe(true);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256);
    const names = Buffer.from(bytes).toString('latin1');
    for (const name of [input, output, 'Conv', 'Gemm']) expect(names).toContain(name);
  });

  it('was trained on the data it ships with, to at least 95 % on unseen families', async () => {
    const { training, accuracy, featureDim } = await openGlyphsBackbone();
    const manifest = await readFile(join(glyphsFolder, 'manifest.json'));
    expect(training.dataSha256).toBe(createHash('sha256').update(manifest).digest('hex'));
    expect(accuracy.test).toBeGreaterThanOrEqual(0.95);
    expect(featureDim).toBeGreaterThanOrEqual(64);
  });

  it('ships with the data in at most 8 MB', async () => {
    const files = await readdir(glyphsFolder, { recursive: true });
    const sizes = await Promise.all(files.map(async file => (await stat(join(glyphsFolder, file))).size));
    expect(sizes.reduce((a, b) => a + b)).toBeLessThanOrEqual(8e6);
  });
});

describe('a damaged backbone', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'backbone-'));
    for (const file of ['backbone.json', 'glyphs-cnn.onnx'])
      await cp(join(glyphsFolder, file), join(folder, file));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it.each<[string, string, string, RegExp, (path: string) => Promise<void>]>([
    [
      'cut short',
      'glyphs-cnn.onnx',
      'CORRUPT_FILE',
      /expected \d+ bytes, got 1000;/,
      path => truncate(path, 1000),
    ],
    ['missing', 'glyphs-cnn.onnx', 'FILE_NOT_FOUND', /ENOENT/, path => rm(path)],
    ['without description', 'backbone.json', 'FILE_NOT_FOUND', /ENOENT/, path => rm(path)],
    [
      'with an empty description',
      'backbone.json',
      'CORRUPT_FILE',
      /expected JSON/,
      path => writeFile(path, ''),
    ],
    [
      'described as null',
      'backbone.json',
      'FOREIGN_FILE',
      /"ood-glyphs-backbone"/,
      path => writeFile(path, 'null'),
    ],
  ])('(%s) is refused, naming the file', async (_, file, code, message, damage) => {
    await damage(join(folder, file));
    const error = await openGlyphsBackbone({ folder }).catch((e: unknown) => e);
    if (!isOodError(error)) throw error;
    expect(error.code).toBe(code);
    expect(error.where).toContain(file);
    expect(error.message).toMatch(message);
  });
});
