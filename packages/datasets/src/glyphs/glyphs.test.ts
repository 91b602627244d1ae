import { cp, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isOodError } from '@ood/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collect } from '../contract/samples.ts';
import type { GlyphSet } from './glyph-set.ts';
import { glyphsDataset } from './glyphs-dataset.ts';
import { type Glyphs, glyphsFolder, openGlyphs } from './open-glyphs.ts';

let glyphs: Glyphs;
let all: GlyphSet[];

beforeAll(async () => {
  glyphs = await openGlyphs();
  all = [glyphs.train, glyphs.validation, glyphs.test, ...glyphs.ood];
});

const image = (set: GlyphSet, i: number) => {
  const size = set.height * set.width;
  return Buffer.from(set.pixels.subarray(i * size, (i + 1) * size)).toString('latin1');
};

describe('the embedded glyphs', () => {
  it('have 28×28 images, ids, families and symbols for every sample', () => {
    expect(all.map(set => set.name)).toEqual([
      ...['train', 'validation', 'test', 'upper-case', 'lower-case', 'digits', 'greek-cyrillic'],
      ...['kana', 'hebrew-arabic', 'brahmic', 'icons', 'textures', 'noise'],
    ]);
    for (const set of all) {
      expect([set.height, set.width], set.name).toEqual([28, 28]);
      expect(set.pixels.length, set.name).toBe(set.count * 784);
      for (const list of [set.ids, set.families, set.symbols]) expect(list.length, set.name).toBe(set.count);
    }
  });

  it('have at least 120 families, none of them in two splits', () => {
    const families = [glyphs.train, glyphs.validation, glyphs.test].map(set => new Set(set.families));
    const union = new Set(families.flatMap(set => [...set]));
    expect(union.size).toBe(families.reduce((sum, set) => sum + set.size, 0));
    expect(union.size).toBeGreaterThanOrEqual(120);
  });

  it('draw the near OOD sets in families that no backbone was trained on', () => {
    const trained = new Set([...glyphs.train.families, ...glyphs.validation.families]);
    const near = glyphs.ood.filter(set => set.group === 'near');
    expect(near.flatMap(set => set.families.filter(family => trained.has(family)))).toEqual([]);
  });

  it('hold no image and no id twice, in whatever set', () => {
    const images = new Set<string>();
    const ids = new Set<string>();
    for (const set of all) {
      for (let i = 0; i < set.count; i++) images.add(image(set, i));
      for (const id of set.ids) ids.add(id);
    }
    const total = all.reduce((sum, set) => sum + set.count, 0);
    expect([images.size, ids.size]).toEqual([total, total]);
  });

  it('label every class in every split, in the same proportion', () => {
    for (const { name, labels, symbols, count } of [glyphs.train, glyphs.validation, glyphs.test]) {
      const counts = glyphs.classes.map((_, label) => labels.filter(other => other === label).length);
      expect(Math.min(...counts), name).toBeGreaterThan((0.95 * count) / 10);
      expect(symbols.map((symbol, i) => symbol === glyphs.classes[labels[i]!]).every(Boolean), name).toBe(
        true,
      );
    }
  });

  it('have OOD sets near and far, without labels and without the letters A–J', () => {
    expect(glyphs.ood.map(set => set.group)).toEqual([...Array(4).fill('near'), ...Array(6).fill('far')]);
    for (const set of glyphs.ood) {
      expect(set.labels, set.name).toBeUndefined();
      expect(set.count, set.name).toBeGreaterThanOrEqual(1000);
      expect(
        set.symbols.filter(symbol => /^[A-Ja-j]$/.test(symbol)),
        set.name,
      ).toEqual([]);
    }
  });

  it('have bright ink in every glyph and icon', () => {
    for (const set of all.filter(candidate => candidate.name !== 'noise' && candidate.name !== 'textures')) {
      const size = set.height * set.width;
      for (let i = 0; i < set.count; i++) {
        const ink = set.pixels.subarray(i * size, (i + 1) * size);
        expect(Math.max(...ink), set.ids[i]).toBe(255);
      }
    }
  });

  it('name package, version, license and copyright of everything they were drawn from', () => {
    const drawn = new Set(all.flatMap(set => [...set.families]));
    drawn.delete('textures');
    drawn.delete('noise');
    expect(glyphs.sources.map(source => source.family).sort()).toEqual([...drawn].sort());
    for (const source of glyphs.sources) {
      expect(['OFL-1.1', 'Apache-2.0'], source.family).toContain(source.license);
      expect(source.version, source.family).toMatch(/^\d+\.\d+\.\d+/);
      expect(source.copyright.length, source.family).toBeGreaterThan(5);
    }
  });
});

describe('the glyphs as a data set', () => {
  it('yield samples that are the rows of the sets', async () => {
    const dataset = await glyphsDataset();
    expect(dataset.splits).toEqual([
      ...['train', 'validation', 'test'],
      ...glyphs.ood.map(set => `ood/${set.name}`),
    ]);
    const samples = await collect(await dataset.open('test'));
    expect(samples.length).toBe(glyphs.test.count);
    const { pixels, ...key } = samples[17]!;
    expect(key).toEqual({
      id: glyphs.test.ids[17],
      label: glyphs.test.labels[17],
      group: glyphs.test.families[17],
    });
    expect([pixels.width, pixels.height, pixels.channels]).toEqual([28, 28, 1]);
    expect(Buffer.from(pixels.data).toString('latin1')).toBe(image(glyphs.test, 17));
    expect((await dataset.open('ood/kana')).key(0)).not.toHaveProperty('label');
  });
});

describe('damaged glyphs', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'glyphs-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const flip = async (path: string) => {
    const bytes = await readFile(path);
    bytes[bytes.length >> 1]! ^= 1;
    await writeFile(path, bytes);
  };
  const edit = (
    change: (manifest: { format: string; version: number; sets: { role: string }[] }) => void,
  ) => {
    return async (path: string) => {
      const manifest = JSON.parse(await readFile(path, 'utf8'));
      change(manifest);
      await writeFile(path, JSON.stringify(manifest));
    };
  };

  it.each<[string, string, string, RegExp, (path: string) => Promise<void>]>([
    [
      'a flipped bit in images',
      'train-images-idx3-ubyte.gz',
      'CORRUPT_FILE',
      /expected SHA-256 [0-9a-f]{64}/,
      flip,
    ],
    [
      'a flipped bit in labels',
      'test-labels-idx1-ubyte.gz',
      'CORRUPT_FILE',
      /expected SHA-256 [0-9a-f]{64}/,
      flip,
    ],
    [
      'a short file',
      'kana-samples.tsv.gz',
      'CORRUPT_FILE',
      /expected \d+ bytes, got 100;/,
      p => truncate(p, 100),
    ],
    ['a missing file', 'icons-images-idx3-ubyte.gz', 'FILE_NOT_FOUND', /ENOENT/, p => rm(p)],
    ['a manifest that is not JSON', 'manifest.json', 'CORRUPT_FILE', /expected JSON/, p => truncate(p, 1000)],
    [
      'another format',
      'manifest.json',
      'FOREIGN_FILE',
      /expected format "ood-glyphs"/,
      edit(m => (m.format = 'x')),
    ],
    [
      'a newer version',
      'manifest.json',
      'NEWER_VERSION',
      /expected version 1 .*got version 2/,
      edit(m => (m.version = 2)),
    ],
    [
      'no test split',
      'manifest.json',
      'CORRUPT_FILE',
      /role test/,
      edit(m => (m.sets = m.sets.filter(s => s.role !== 'test'))),
    ],
    [
      'counts that do not fit the files',
      'manifest.json',
      'CORRUPT_FILE',
      /train-.*expected .*7\b/,
      edit(m => Object.assign(m.sets[0]!, { count: 7 })),
    ],
  ])('with %s are refused, naming the file', async (_, file, code, message, damage) => {
    await cp(glyphsFolder, folder, { recursive: true });
    await damage(join(folder, file));
    const error = await openGlyphs({ folder }).catch((e: unknown) => e);
    if (!isOodError(error)) throw error;
    expect(error.code).toBe(code);
    if (code !== 'CORRUPT_FILE' || file !== 'manifest.json') expect(error.where).toContain(file);
    expect(error.message).toMatch(message);
  });
});
