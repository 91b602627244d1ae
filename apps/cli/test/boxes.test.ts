import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Glyphs, glyphSamples, openGlyphs, openGlyphsBackbone, type Pixels } from '@ood/datasets';
import { openFeatureStore } from '@ood/features';
import { openGuard } from '@ood/guard';
import { EXIT } from '@ood/terminal';
import { memoryIo } from '@ood/terminal/testing';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { main } from '../src/main.ts';

let cwd = '';
let model = '';
let glyphs: Glyphs;
const run = async (...args: string[]) => {
  const { io, written } = memoryIo({ cwd });
  return { code: await main(args, io), ...written };
};

const SIDE = 28;
const PER_IMAGE = 4;

/** Photographs, so to say: letters side by side on noise, with the box of each. Returns the lines of the list of boxes. */
async function writeScenes(
  folder: string,
  parts: readonly { readonly pixels: Pixels; readonly label?: string }[],
) {
  await mkdir(join(cwd, folder), { recursive: true });
  const lines: string[] = [];
  const [width, height] = [PER_IMAGE * (SIDE + 12) + 12, SIDE + 24];
  for (let start = 0; start + PER_IMAGE <= parts.length; start += PER_IMAGE) {
    const data = new Uint8Array(width * height).map((_, i) => (i * 7919 + start) % 251);
    for (let k = 0; k < PER_IMAGE; k++) {
      const { pixels, label } = parts[start + k]!;
      const [left, top] = [12 + k * (SIDE + 12), 8 + (k % 3)];
      for (let y = 0; y < SIDE; y++)
        data.set(pixels.data.subarray(y * SIDE, (y + 1) * SIDE), (top + y) * width + left);
      lines.push([`${start}.png`, label ?? '', left, top, left + SIDE, top + SIDE].join());
    }
    await sharp(data, { raw: { width, height, channels: 1 } })
      .png()
      .toFile(join(cwd, folder, `${start}.png`));
  }
  await writeFile(join(cwd, `${folder}.csv`), ['image,label,x1,y1,x2,y2', ...lines, ''].join('\n'));
}

async function lettersOf(set: Parameters<typeof glyphSamples>[0], step: number) {
  const samples = glyphSamples(set);
  const chosen = [];
  for (let i = 0; i < samples.length; i += step) chosen.push(await samples.read(i));
  return chosen.map(({ pixels, label }) => ({
    pixels,
    ...(label !== undefined && { label: 'ABCDEFGHIJ'[label]! }),
  }));
}

const FIT = ['--preprocess', 'mnist', '--detector', 'mahalanobis++'];

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'ood-cli-boxes-'));
  model = (await openGlyphsBackbone()).path;
  glyphs = await openGlyphs();
  await writeScenes('train', await lettersOf(glyphs.train, 20));
  await writeScenes('unseen', await lettersOf(glyphs.validation, 8));
  const textures = await lettersOf(glyphs.ood.find(({ name }) => name === 'textures')!, 8);
  const letters = await lettersOf(glyphs.test, 8);
  // Each image of letters and textures in turn.
  await writeScenes(
    'new',
    textures.slice(0, 40).flatMap((texture, i) => [letters[i]!, texture]),
  );
  const made = await run(
    ...['fit', '--model', model, '--images', 'train', '--boxes', 'train.csv', '--calibrate', 'unseen'],
    ...['--calibrate-boxes', 'unseen.csv', ...FIT, '--out', 'guard'],
  );
  expect(made).toMatchObject({ code: EXIT.ok, stdout: expect.not.stringContaining('warning') });
}, 60_000);
afterAll(() => rm(cwd, { recursive: true, force: true }));

/** Rows of a CSV file of scores. */
async function scoresIn(file: string): Promise<string[][]> {
  const [, ...lines] = (await readFile(join(cwd, file), 'utf8')).trim().split('\n');
  return lines.map(line => line.split(','));
}

describe('a guard of boxes', () => {
  it('was fitted on each box, with its label as class, and says how boxes are cut', async () => {
    const guard = await openGuard(join(cwd, 'guard'));
    const { preprocessing, trainingRows, trainingClasses, version } = guard.describe();
    await guard.close();
    expect(preprocessing).toMatchObject({ boxes: { margin: 0, square: false } });
    expect(trainingRows % PER_IMAGE).toBe(0);
    expect(trainingClasses).toEqual([...'ABCDEFGHIJ']);
    expect(version).toBe(3);
  });

  it('gives one verdict a box, by its id', async () => {
    const { code, stdout } = await run(
      'score',
      '--guard',
      'guard',
      '--images',
      'new',
      '--boxes',
      'new.csv',
      '--out',
      'new.scores.csv',
    );
    expect(code).toBe(EXIT.ok);
    expect(stdout).toContain('of 80 boxes called OOD');
    const rows = await scoresIn('new.scores.csv');
    expect(rows.slice(0, 5).map(([id]) => id)).toEqual([
      '0.png#0',
      '0.png#1',
      '0.png#2',
      '0.png#3',
      '4.png#0',
    ]);
    const rate = (odd: number) => {
      const own = rows.filter((_, i) => i % 2 === odd);
      return own.filter(([, isOod]) => isOod === '1').length / own.length;
    };
    expect(rate(0)).toBeLessThan(0.15);
    // Textures are hard for this method: a third of them on whole images, too.
    expect(rate(1)).toBeGreaterThan(rate(0) + 0.2);
  });

  it('checks the boxes of an image, given one by one or in a file', async () => {
    const [first] = (await readFile(join(cwd, 'new.csv'), 'utf8')).split('\n').slice(1);
    const [, , ...numbers] = first!.split(',');
    const listed = await run('check', '--guard', 'guard', 'new/0.png', '--boxes', 'new.csv', '--json');
    expect(listed.code).toBe(EXIT.ok);
    const { images } = JSON.parse(listed.stdout);
    expect(images.map(({ image }: { image: string }) => image)).toEqual([
      '0.png#0',
      '0.png#1',
      '0.png#2',
      '0.png#3',
    ]);
    const single = await run(
      'check',
      '--guard',
      'guard',
      'new/0.png',
      '--box',
      numbers.join(),
      '--box',
      '0,0,0,9',
      '--json',
    );
    const [one, bad] = JSON.parse(single.stdout).images;
    expect(one).toMatchObject({ image: 'new/0.png#0', box: { x1: 12, y1: 8 }, verdict: images[0].verdict });
    expect(bad).toMatchObject({ image: 'new/0.png#1', refusal: { code: 'BOX_INVALID' } });
    const rows = await scoresIn('new.scores.csv');
    expect(Number(rows[0]![3])).toBeCloseTo(one.verdict.score, 4);
    const text = await run('check', '--guard', 'guard', 'new/0.png', '--boxes', 'new.csv', '--fail-on-ood');
    expect(text.code).toBe(EXIT.gateMissed);
    expect(text.stderr).toMatch(/[12] of 4 boxes are OOD or gave no verdict/);
  });

  it('refuses boxes one by one, with the reason, and scores the others', async () => {
    const lines = [
      'image,x1,y1,x2,y2',
      '0.png,12,8,40,36',
      '0.png,40,36,12,8',
      '0.png,900,8,940,36',
      'gone.png,1,1,9,9',
      '0.png,nan,8,40,36',
    ];
    await writeFile(join(cwd, 'bad.csv'), lines.join('\n'));
    const { code, stderr } = await run(
      'score',
      '--guard',
      'guard',
      '--images',
      'new',
      '--boxes',
      'bad.csv',
      '--out',
      'bad.scores.csv',
    );
    expect(code).toBe(EXIT.ok);
    expect(stderr).toContain('1 boxes are of images that new does not have');
    expect(stderr).toMatch(/gone\.png#0 is refused: no such image; others are called "0\.png"/);
    const rows = await scoresIn('bad.scores.csv');
    expect(rows.map(cells => [cells[0], cells.at(-1)])).toEqual([
      ['0.png#0', ''],
      ['0.png#1', 'BOX_INVALID'],
      ['0.png#2', 'BOX_OUTSIDE'],
      ['0.png#3', 'BOX_INVALID'],
      ['gone.png#0', 'IMAGE_EMPTY'],
    ]);
  });

  it('notes where whole images and boxes are mixed up', async () => {
    const whole = await run('check', '--guard', 'guard', 'new/0.png');
    expect(whole.stderr).toContain('fitted on boxes of images: give --boxes');
  });
});

describe('features of boxes', () => {
  it('are extracted with their ids, resumed where nothing changed, and make a guard that cuts boxes alike', async () => {
    const extract = (...more: string[]) =>
      run(
        'extract',
        '--model',
        model,
        '--images',
        'train',
        '--boxes',
        'train.csv',
        '--box-margin',
        '0.05',
        '--preprocess',
        'mnist',
        '--out',
        'train.arrow',
        ...more,
      );
    expect(await extract()).toMatchObject({ code: EXIT.ok });
    const again = await extract('--json');
    const { rows, reusedRows } = JSON.parse(again.stdout);
    expect(reusedRows).toBe(rows);
    const store = await openFeatureStore(join(cwd, 'train.arrow'));
    const { ids } = await store.readRows(0, 5);
    await store.close();
    expect(ids).toEqual(
      ['0.png#0', '0.png#1', '0.png#2', '0.png#3', '32.png#0'].map((id, i) =>
        i < 4 ? id : expect.any(String),
      ),
    );
    const made = await run(
      'fit',
      '--model',
      model,
      '--features',
      'train.arrow',
      '--detector',
      'mahalanobis++',
      '--out',
      'from-store',
    );
    expect(made.code).toBe(EXIT.ok);
    const guard = await openGuard(join(cwd, 'from-store'));
    expect(guard.describe().preprocessing).toMatchObject({ boxes: { margin: 0.05, square: false } });
    await guard.close();
  });

  it('of boxes that moved are not taken for the same', async () => {
    const text = await readFile(join(cwd, 'train.csv'), 'utf8');
    await writeFile(join(cwd, 'moved.csv'), text.replace(/\n0\.png,(\w),12,/, '\n0.png,$1,11,'));
    const { code, stderr } = await run(
      'extract',
      '--model',
      model,
      '--images',
      'train',
      '--boxes',
      'moved.csv',
      '--box-margin',
      '0.05',
      '--preprocess',
      'mnist',
      '--out',
      'train.arrow',
    );
    expect(code).toBe(EXIT.usage);
    expect(stderr).toContain('the contents of its inputs');
  });
});

describe('calibration on boxes', () => {
  it('warns where other boxes of the same images were fitted on', async () => {
    const [header, ...lines] = (await readFile(join(cwd, 'train.csv'), 'utf8')).trim().split('\n');
    const half = (odd: number) => [header, ...lines.filter((_, i) => i % 2 === odd), ''].join('\n');
    await writeFile(join(cwd, 'even.csv'), half(0));
    await writeFile(join(cwd, 'odd.csv'), half(1));
    const { code, stdout } = await run(
      ...['fit', '--model', model, '--images', 'train', '--boxes', 'even.csv', '--calibrate', 'train'],
      ...['--calibrate-boxes', 'odd.csv', ...FIT, '--out', 'shared', '--json'],
    );
    expect(code).toBe(EXIT.ok);
    const { warnings, calibration } = JSON.parse(stdout);
    expect(warnings.map(({ code: warning }: { code: string }) => warning)).toEqual(['SHARED_SOURCES']);
    expect(warnings[0].message).toContain(`${calibration.count} of ${calibration.count} calibration inputs`);
  });

  it('holds out whole images where none are given', async () => {
    const { stdout } = await run(
      'fit',
      '--model',
      model,
      '--images',
      'train',
      '--boxes',
      'train.csv',
      ...FIT,
      '--out',
      'held',
      '--json',
    );
    const { warnings } = JSON.parse(stdout);
    expect(warnings.map(({ code: warning }: { code: string }) => warning)).not.toContain('SHARED_SOURCES');
  });
});

describe('flags of boxes', () => {
  it.each<[string, string[], RegExp]>([
    [
      'boxes without images',
      ['fit', '--model', 'm', '--features', 'f.npy', '--boxes', 'train.csv', '--out', 'x'],
      /--images, which the boxes are on/,
    ],
    [
      'whole images to calibrate on',
      [
        'fit',
        '--model',
        'm',
        '--images',
        'train',
        '--boxes',
        'train.csv',
        '--calibrate',
        'unseen',
        '--out',
        'x',
      ],
      /--calibrate-boxes/,
    ],
    [
      'boxes to calibrate on alone',
      [
        'fit',
        '--model',
        'm',
        '--images',
        'train',
        '--calibrate',
        'unseen',
        '--calibrate-boxes',
        'unseen.csv',
        '--out',
        'x',
      ],
      /expected --boxes/,
    ],
    [
      'a margin that is none',
      ['extract', '--model', 'm', '--images', 'train', '--box-margin', 'wide', '--out', 'x.arrow'],
      /from 0 to 10/,
    ],
    ['a box of three numbers', ['check', '--guard', 'guard', 'new/0.png', '--box', '1,2,3'], /X1,Y1,X2,Y2/],
    [
      'a box on two images',
      ['check', '--guard', 'guard', 'new/0.png', 'new/4.png', '--box', '1,2,3,4'],
      /one image/,
    ],
    [
      'both ways',
      ['check', '--guard', 'guard', 'new/0.png', '--box', '1,2,3,4', '--boxes', 'new.csv'],
      /either --box or --boxes/,
    ],
    [
      'boxes of other images',
      ['check', '--guard', 'guard', 'new/0.png', '--boxes', 'elsewhere.csv'],
      /boxes on new\/0\.png.*others, as z\.png/,
    ],
    [
      'a list that is none',
      ['score', '--guard', 'guard', '--images', 'new', '--boxes', 'new/0.png', '--out', 'x.csv'],
      /0\.png/,
    ],
    [
      'a list that is not there',
      ['score', '--guard', 'guard', '--images', 'new', '--boxes', 'no.csv', '--out', 'x.csv'],
      /no\.csv/,
    ],
  ])('refuse %s', async (_, args, message) => {
    await writeFile(join(cwd, 'elsewhere.csv'), 'image,x1,y1,x2,y2\nz.png,1,2,3,4\n');
    await writeFile(join(cwd, 'm'), '');
    const { code, stderr, stdout } = await run(...args);
    expect(code).not.toBe(EXIT.ok);
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain('defect');
    expect(stdout).toBe('');
  });
});
