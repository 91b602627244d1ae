import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { glyphSamples, openGlyphs, openGlyphsBackbone } from '@ood/datasets';
import { EXIT } from '@ood/terminal';
import { memoryIo } from '@ood/terminal/testing';
import { parse } from 'csv-parse/sync';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { main } from '../src/main.ts';

/** What a terminal would obey: a title, the clipboard, a line of its own, a text that runs backwards. */
const HOSTILE =
  '\u001b]0;mine\u0007\u001b]52;c;ZXZpbA==\u0007\u001b[2J\r\nerror: all is well\u202egnp\u009b31m';

let cwd = '';
let model = '';
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'ood-injection-'));
  model = (await openGlyphsBackbone()).path;
  const { train, validation } = await openGlyphs();
  for (const [folder, set, step] of [
    ['train', train, 40],
    [`new${HOSTILE}`, validation, 200],
  ] as const) {
    const samples = glyphSamples(set);
    for (let i = 0; i < samples.length; i += step) {
      const { pixels, label } = await samples.read(i);
      const { data, width, height } = pixels;
      const path = join(cwd, folder, `=${label}${HOSTILE}`);
      await mkdir(path, { recursive: true });
      await sharp(data, { raw: { width, height, channels: 1 } })
        .png()
        .toFile(join(path, `@${i}${HOSTILE}.png`));
    }
  }
  for (let i = 0; i < 9; i++) await writeFile(join(cwd, `new${HOSTILE}`, `torn${i}${HOSTILE}.png`), 'none');
  await writeFile(
    join(cwd, 'names.txt'),
    [...'ABCDEFGHIJ'].map(letter => `=${letter}\u001b[2J\u202e`).join('\n'),
  );
  const fitted = await run(
    ...['fit', '--model', model, '--images', 'train', '--preprocess', 'mnist', '--detector', 'msp'],
    ...['--classes', 'names.txt', '--out', `guard${HOSTILE}`],
  );
  expect(fitted, fitted.stderr).toMatchObject({ code: EXIT.ok });
  isSafe(fitted);
}, 120_000);
afterAll(() => rm(cwd, { recursive: true, force: true }));

async function run(...args: string[]) {
  const { io, written } = memoryIo({ cwd });
  return { code: await main(args, io), ...written };
}

/** No character that a terminal obeys but ends of lines, and no line that a name began. */
function isSafe({ stdout, stderr }: { readonly stdout: string; readonly stderr: string }): void {
  for (const text of [stdout, stderr]) {
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u);
    expect(text).not.toMatch(/^error: all is well/m);
  }
}

describe('names that a terminal would obey are shown', () => {
  const guard = ['--guard', `guard${HOSTILE}`];
  const images = `new${HOSTILE}`;
  it.each<[string, string[], number]>([
    ['ood score', ['score', ...guard, '--images', images, '--out', `scores${HOSTILE}.csv`], EXIT.ok],
    ['ood score --json', ['score', ...guard, '--images', images, '--out', 'scores.csv', '--json'], EXIT.ok],
    ['ood check', ['check', ...guard, `${images}/torn0${HOSTILE}.png`, '--explain'], EXIT.ok],
    ['ood check --json', ['check', ...guard, `${images}/torn0${HOSTILE}.png`, '--json'], EXIT.ok],
    ['ood check of nothing', ['check', ...guard, HOSTILE], EXIT.usage],
    [
      'ood extract',
      ['extract', '--model', 'M', '--preprocess', 'mnist', '--images', images, '--out', `f${HOSTILE}.arrow`],
      EXIT.ok,
    ],
    [
      'ood extract over something else',
      ['extract', '--model', 'M', '--images', images, '--out', `f${HOSTILE}`],
      EXIT.usage,
    ],
    ['ood export', ['export', ...guard, '--out', `e${HOSTILE}.onnx`], EXIT.ok],
    ['ood datasets overlap', ['datasets', 'overlap', `./${images}`, './train'], EXIT.ok],
    ['ood datasets info', ['datasets', 'info', HOSTILE], EXIT.usage],
    ['a command that is not there', [HOSTILE], EXIT.usage],
    ['a flag that is not there', ['score', `--${HOSTILE}`], EXIT.usage],
    [
      'a preprocessing that is not there',
      ['fit', '--model', 'M', '--images', 'train', '--preprocess', HOSTILE, '--out', 'x'],
      EXIT.usage,
    ],
  ])('by %s', async (_what, args, code) => {
    const result = await run(...args.map(arg => (arg === 'M' ? model : arg)));
    expect(result, result.stderr).toMatchObject({ code });
    isSafe(result);
    if (args.includes('--json')) expect(() => JSON.parse(result.stdout)).not.toThrow();
  });

  it('names of classes too', async () => {
    const { samples, key } = { samples: glyphSamples((await openGlyphs()).validation), key: 0 };
    const { data, width, height } = (await samples.read(key)).pixels;
    await sharp(data, { raw: { width, height, channels: 1 } })
      .png()
      .toFile(join(cwd, 'one.png'));
    const text = await run('check', ...guard, 'one.png');
    expect(text.stdout).toMatch(/predicted =[A-J]\\x1b\[2J\\u202e \(/);
    isSafe(text);
  });
});

it('a refusal is noted a few times at most, then counted', async () => {
  const { stdout } = await run(
    'extract',
    '--model',
    model,
    '--preprocess',
    'mnist',
    '--images',
    `new${HOSTILE}`,
    '--out',
    'few.arrow',
  );
  expect(stdout).toContain('; 9 images refused:\n');
  expect(stdout.match(/^ {2}torn\d/gm)).toHaveLength(5);
  expect(stdout).toMatch(/\n {2}and 4 more\n$/);
});

it('scores.csv begins no cell of text with what a spreadsheet takes for a formula', async () => {
  await run('score', '--guard', `guard${HOSTILE}`, '--images', `new${HOSTILE}`, '--out', 'formulas.csv');
  const rows: Record<string, string>[] = parse(await readFile(join(cwd, 'formulas.csv'), 'utf8'), {
    columns: true,
  });
  const texts = rows
    .flatMap(({ id, prediction, refused }) => [id!, prediction!, refused!])
    .filter(text => text !== '');
  expect(texts.filter(text => /^[=+\-@\t\r]/.test(text))).toEqual([]);
  expect(texts.filter(text => /^'=[A-J]/.test(text)).length).toBeGreaterThan(0);
  expect(rows.map(({ id }) => id!.replace(/^'(?='*[=+\-@\t\r])/, ''))).toContain(`torn0${HOSTILE}.png`);
  expect(rows.every(({ score, refused }) => refused !== '' || Number.isFinite(Number(score)))).toBe(true);
});
