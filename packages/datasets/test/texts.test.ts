import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readTexts, type TextOptions } from '@ood/datasets';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ood-texts-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function read(file: string, content: string, options?: TextOptions) {
  const path = join(folder, file);
  await writeFile(path, content);
  const texts = await readTexts(path, options);
  const samples = [];
  for await (const sample of texts) samples.push(sample);
  return { ...texts, samples };
}

describe('readTexts', () => {
  it('takes a text from each line that is not empty, whatever is in it', async () => {
    const { samples, length } = await read('a.txt', '\uFEFFpay my bill\r\n\n{"text": 1}\n"ß, 日本"');
    expect(samples).toEqual([
      { id: '1', text: 'pay my bill' },
      { id: '3', text: '{"text": 1}' },
      { id: '4', text: '"ß, 日本"' },
    ]);
    expect(length).toBe(3);
  });

  it('takes members of JSON lines, and tells those that hold none by their numbers', async () => {
    const lines = [
      '{"text": "a", "label": "pay", "id": 7}',
      '"alone"',
      '{"text": "b", "pair": "c", "label": "balance"}',
      '{"text": null}',
      '[1]',
      '{torn',
      '{"text": "d", "label": 1.5}',
      '{"text": "e", "pair": 5}',
    ];
    const { samples, refused, classes } = await read('a.jsonl', lines.join('\n'));
    expect(classes).toEqual(['balance', 'pay']);
    expect(samples.slice(0, 3)).toEqual([
      { id: '7', text: 'a', label: 1 },
      { id: '2', text: 'alone' },
      { id: '3', text: 'b', pair: 'c', label: 0 },
    ]);
    expect(samples.slice(3)).toEqual(refused);
    expect(refused.map(({ unreadable }) => unreadable.replace(/expected.*got/, ''))).toEqual([
      'line 4:  none',
      'line 5:  [1]',
      expect.stringMatching(/line 6: {2}text that does not parse/),
      'line 7:  a label that is neither a whole number nor a name',
      'line 8:  a pair that is no text',
    ]);
  });

  it('takes columns of CSV, whose cells may hold line breaks', async () => {
    const text = 'id,utterance,intent\nx,"two\n\nlines, ""quoted""",3\n,b,4\nc,d\ne,f,\n';
    const { samples, refused, classes } = await read('a.csv', text, { text: 'utterance', label: 'intent' });
    expect(classes).toBeUndefined();
    expect(samples).toEqual([
      { id: 'x', text: 'two\n\nlines, "quoted"', label: 3 },
      { id: '5', text: 'b', label: 4 },
      { id: '6', unreadable: 'line 6: expected 3 cells, as in the first line, got 2 cells' },
      { id: 'e', text: 'f' },
    ]);
    expect(refused).toHaveLength(1);
  });

  it('reads bytes by what is in them', async () => {
    const texts = await readTexts(new TextEncoder().encode('{"q": "a"}\n'), { text: 'q' });
    for await (const sample of texts) expect(sample).toEqual({ id: '1', text: 'a' });
    expect(await readTexts(new Uint8Array())).toMatchObject({ length: 0, refused: [] });
  });

  it.each<[string, string, string, TextOptions, RegExp]>([
    [
      'without the column',
      'b.csv',
      'a,b\n1,2\n',
      {},
      /expected a column "text" in the first line, got "a", "b"/,
    ],
    ['with a column asked for that is not there', 'b.csv', 'text\n1\n', { label: 'x' }, /a column "x"/],
    ['with a torn quote', 'b.csv', 'text\n"a\n', {}, /expected records of CSV/],
    ['that is empty', 'b.csv', '', {}, /an empty file/],
  ])('refuses CSV %s', async (_, file, content, options, message) => {
    await expect(read(file, content, options)).rejects.toMatchObject({
      code: 'CORRUPT_FILE',
      message: expect.stringMatching(message),
    });
  });
});
