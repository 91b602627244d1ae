import { isOodError } from '@ood/core';
import { describe, expect, it } from 'vitest';
import { hashTask, parseTask, readTask, shippedTaskFile, shippedTasks } from '../src/index.ts';

const minimal = {
  kind: 'ood-task',
  version: 1,
  name: 'mine',
  backbones: [{ name: 'net', features: 'features' }],
  detectors: ['knn'],
};
const parse = (change: object) => parseTask(JSON.stringify({ ...minimal, ...change }), 'mine.jsonc');

describe('a task', () => {
  it('may have comments and trailing commas, and gets its defaults', () => {
    const text = `// mine\n${JSON.stringify(minimal).replace('["knn"]', '[/* the neighbours */ "knn",]')}`;
    expect(parseTask(text, 'mine.jsonc')).toEqual({
      ...minimal,
      detectors: [{ label: 'knn', method: 'knn', options: {} }],
      seeds: 1,
    });
  });

  it('has a hash that does not depend on order, title, notes and seeds, and does on all else', () => {
    const task = parse({});
    const [name, ...rest] = Object.entries(minimal).reverse();
    expect(hashTask(parseTask(JSON.stringify(Object.fromEntries([...rest, name!])), ''))).toBe(
      hashTask(task),
    );
    expect(hashTask(parse({ title: 'Mine', notes: 'none', seeds: 5 }))).toBe(hashTask(task));
    for (const change of [{ near: ['a'] }, { detectors: ['knn', 'msp'] }, { name: 'other' }])
      expect(hashTask(parse(change))).not.toBe(hashTask(task));
  });

  it('takes a preset with other parts', () => {
    const sets = { idTrain: { folder: 'a' }, idTest: { folder: 'b' }, ood: [{ name: 'c', folder: 'c' }] };
    const [backbone] = parse({
      sets,
      backbones: [
        { name: 'net', model: { file: 'm.onnx' }, preprocess: { preset: 'cifar', mean: [0, 0, 0] } },
      ],
    }).backbones;
    expect(backbone!.preprocess).toMatchObject({ mean: [0, 0, 0], std: [0.247, 0.2435, 0.2616] });
  });

  it.each<[string, object, RegExp]>([
    ['a misspelt member', { detector: ['knn'] }, /expected options among .*detectors.*, got "detector"/],
    ['another version', { version: 2 }, /option "version": expected 1, the only version, got 2/],
    ['a name that is a path', { name: '../x' }, /option "name": expected a name of letters/],
    ['no backbone', { backbones: [] }, /option "backbones": expected a list of at least one/],
    [
      'a backbone without anything',
      { backbones: [{ name: 'n' }] },
      /backbone 1: expected a model, or a folder/,
    ],
    [
      'a model without images',
      { backbones: [{ name: 'n', model: { file: 'm' }, preprocess: 'cifar' }] },
      /backbone 1: expected sets of images for a backbone without features, got none/,
    ],
    [
      'a model from nowhere',
      { backbones: [{ name: 'n', model: {}, features: 'f' }] },
      /one of file, url, glyphs, got nothing/,
    ],
    [
      'a download without a checksum',
      { backbones: [{ name: 'n', features: 'f', model: { url: 'https://a' } }] },
      /option "sha256"/,
    ],
    [
      'layers that are neither a word nor names',
      { backbones: [{ name: 'n', features: 'f', layers: 'all' }] },
      /option "layers": expected "stage-ends", or a list of tensors, got "all"/,
    ],
    [
      'two detectors of one name',
      { detectors: ['knn', 'knn'] },
      /detectors of different names, got "knn" twice/,
    ],
    ['an unknown detector', { detectors: ['knnn'] }, /knnn/],
    [
      'an option that it has not',
      { detectors: [{ method: 'knn', options: { kk: 3 } }] },
      /options of knn: .*k.*, got "kk"/,
    ],
    [
      'a set from nowhere',
      { sets: { idTrain: {}, idTest: { folder: 'a' }, ood: [{ name: 'a', folder: 'b' }] } },
      /sets, idTrain: expected one of dataset, folder/,
    ],
    [
      'a group of no kind',
      {
        sets: {
          idTrain: { folder: 'a' },
          idTest: { folder: 'a' },
          ood: [{ name: 'a', group: 'close', folder: 'b' }],
        },
      },
      /option "group": expected one of "near", "far"/,
    ],
  ])('is refused with %s', (_what, change, message) => {
    try {
      parse(change);
      expect.unreachable();
    } catch (error) {
      expect(isOodError(error), String(error)).toBe(true);
      expect((error as Error).message).toMatch(message);
      expect((error as Error).message).toMatch(/mine\.jsonc|knnn/);
    }
  });

  it('is refused where it is no JSON, with line and column', () => {
    expect(() => parseTask('{\n  "kind": ood\n}', 'mine.jsonc')).toThrow(
      /mine\.jsonc: expected a task as JSON, got InvalidSymbol in line 2, column 11/,
    );
    for (const text of ['', '[]', '3', 'null', '"x"', '{}'])
      expect(() => parseTask(text, 'mine.jsonc'), text).toThrow(/mine\.jsonc/);
  });
});

describe('the tasks that come along', () => {
  it('are the known ones, and each is whole', async () => {
    const names = await shippedTasks();
    expect(names).toEqual([
      'bench',
      'bench-layers',
      'cifar10',
      'cifar100',
      'folder',
      'glyphs',
      'glyphs-layers',
      'imagenet',
      'imagenet-paper',
      'imagenet200',
    ]);
    for (const name of names) {
      const task = await readTask(await shippedTaskFile(name));
      expect(task.name).toBe(name);
      expect(task.title).toBeDefined();
    }
    const { backbones, sets, detectors } = await readTask(await shippedTaskFile('imagenet-paper'));
    expect(backbones).toHaveLength(4);
    expect(sets!.ood.map(({ name }) => name)).toEqual(['textures', 'inaturalist', 'sun', 'places']);
    expect(detectors.find(({ method }) => method === 'fde-glow')!.options).toEqual({ steps: 5125 });
  });

  it('refuse another name with what there is', async () => {
    await expect(shippedTaskFile('cifar')).rejects.toThrow(
      /a task: bench, bench-layers, cifar10, .*, or a file, got neither/,
    );
  });
});
