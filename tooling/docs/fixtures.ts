import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createRandom, encodeNpy } from '@ood/core';
import { glyphsDataset, type IndexedSamples, type PixelsSample } from '@ood/datasets';
import sharp from 'sharp';
import { writeTinyModels } from '../../packages/transformers/test/tiny-models.ts';
import { ROOT } from '../architecture/workspace.ts';
import { intents, queries, textModel, wordTokenizer } from '../vitest/text-model.ts';

const GLYPHS = join(ROOT, 'packages/datasets/data/glyphs');

/**
 * What examples find in their folder: `model.onnx` (the classifier of the embedded glyphs), PNG images by class in `train/` and
 * `unseen/`, `photo.png` of an ID letter, scenes of four letters with boxes (`scenes/`, `boxes.csv`; `unseen-scenes/`, `unseen-boxes.csv`), `cross.png` of none, a classifier of queries in `intents/` with `queries.jsonl` and `unseen.jsonl`, and features as another framework leaves them: `id-train.features.npy`,
 * `new.features.npy`, and the sets of a benchmark in `cifar10/features`; `models/`, small models as
 * transformers.js finds them, among them a classifier of `intents` with texts of it.
 */
export async function writeFixtures(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  copyFileSync(join(GLYPHS, 'glyphs-cnn.onnx'), join(folder, 'model.onnx'));
  const glyphs = await glyphsDataset();
  for (const [set, name, step] of [
    ['train', 'train', 8],
    ['validation', 'unseen', 8],
  ] as const) {
    const samples = await glyphs.open(set);
    for (let i = 0; i < samples.length; i += step) {
      const { label = 0, pixels } = await samples.read(i);
      const place = join(folder, name, glyphs.classes?.[label] ?? 'none');
      mkdirSync(place, { recursive: true });
      writeFileSync(join(place, `${i}.png`), await png(pixels));
    }
  }
  await writeScenes(folder, { images: 'scenes', boxes: 'boxes.csv', set: await glyphs.open('train') });
  await writeScenes(folder, {
    images: 'unseen-scenes',
    boxes: 'unseen-boxes.csv',
    set: await glyphs.open('validation'),
  });
  const { pixels } = await (await glyphs.open('test')).read(0);
  writeFileSync(join(folder, 'photo.png'), await png(pixels));
  const cross = Uint8Array.from({ length: 784 }, (_, i) => {
    const [x, y] = [i % 28, Math.floor(i / 28)];
    return Math.abs(x - y) < 3 || Math.abs(27 - x - y) < 3 ? 255 : 0;
  });
  writeFileSync(join(folder, 'cross.png'), await png({ width: 28, height: 28, channels: 1, data: cross }));
  writeTexts(folder);
  writeFeatures(join(folder, 'id-train'), 0);
  writeFeatures(join(folder, 'new'), 1);
  await writeTinyModels(join(folder, 'models'));
  const benchmark = join(folder, 'cifar10', 'features');
  mkdirSync(benchmark, { recursive: true });
  for (const [shift, set] of ['id-train', 'id-test', 'ood-tinyimagenet', 'ood-mnist'].entries())
    writeFeatures(join(benchmark, set), Math.max(0, shift - 1));
}

/** A small text classifier with its tokenizer, and queries that it knows. */
function writeTexts(folder: string): void {
  mkdirSync(join(folder, 'intents'));
  const names = Object.keys(intents);
  const write = (file: string, content: string | Uint8Array) => writeFileSync(join(folder, file), content);
  write('intents/model.onnx', textModel());
  write('intents/tokenizer.json', wordTokenizer());
  write('intents/tokenizer_config.json', JSON.stringify({ model_max_length: 64, pad_token: '[PAD]' }));
  write('intents/config.json', JSON.stringify({ id2label: { ...names } }));
  for (const [file, count, seed] of [
    ['queries.jsonl', 400, 1],
    ['unseen.jsonl', 200, 2],
  ] as const) {
    const lines = queries(count, { seed }).map(({ text, label }) =>
      JSON.stringify({ text, label: names[label ?? 0] }),
    );
    write(file, `${lines.join('\n')}\n`);
  }
}

interface Scenes {
  readonly images: string;
  readonly boxes: string;
  readonly set: IndexedSamples<PixelsSample>;
}

/** Images of four letters each, on noise, and the list of their boxes. */
async function writeScenes(folder: string, { images, boxes, set }: Scenes): Promise<void> {
  mkdirSync(join(folder, images), { recursive: true });
  const lines = ['image,x1,y1,x2,y2'];
  const random = createRandom(1, `fixtures/${images}`);
  for (let first = 0; first + 32 <= set.length; first += 32) {
    const data = Uint8Array.from({ length: 160 * 48 }, () => random.below(256));
    for (let k = 0; k < 4; k++) {
      const { pixels } = await set.read(first + 8 * k);
      const [left, top] = [6 + 40 * k, 10];
      for (let y = 0; y < 28; y++)
        data.set(pixels.data.subarray(28 * y, 28 * y + 28), (top + y) * 160 + left);
      lines.push([`${first}.png`, left, top, left + 28, top + 28].join());
    }
    writeFileSync(
      join(folder, images, `${first}.png`),
      await png({ width: 160, height: 48, channels: 1, data }),
    );
  }
  writeFileSync(join(folder, boxes), `${lines.join('\n')}\n`);
}

/** 100 rows of two classes, `[100, 8]`, away from the ID rows by `shift`. */
function writeFeatures(stem: string, shift: number): void {
  const { normal } = createRandom(1, `fixtures/${basename(stem)}`);
  const labels = Int32Array.from({ length: 100 }, (_, i) => i % 2);
  const data = Float32Array.from({ length: 800 }, (_, i) => normal() + labels[i >> 3]! * (i % 8) + shift);
  writeFileSync(`${stem}.features.npy`, encodeNpy({ shape: [100, 8], data }));
  writeFileSync(`${stem}.labels.npy`, encodeNpy({ shape: [100], data: labels }));
}

async function png(pixels: {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly data: Uint8Array;
}): Promise<Uint8Array> {
  const { width, height, channels, data } = pixels;
  return sharp(data, { raw: { width, height, channels: channels as 1 | 3 } })
    .png()
    .toBuffer();
}
