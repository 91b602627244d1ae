import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { extractBatches, extractToStore, openBackbone, preset, type Sample } from '../src/index.ts';
import { heavyModel } from './heavy-model.ts';

/**
 * Images per second from files on disk to features, beside the bare session on ready tensors, with the resident memory:
 *
 *     pnpm bench:extract -- model.onnx images/ [--threads 2] [--batch 16] [--repeat 5] [--store out.arrow]
 *
 * `heavy` for the model is one made up with a ResNet-50's cost. Images are prepared as `tooling/peers/extract_features.py` does (shorter side 256, bilinear, crop 224, ImageNet mean and std).
 * `--repeat` goes through the folder several times. Prints one JSON line.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    threads: { type: 'string', default: '2' },
    batch: { type: 'string', default: '16' },
    repeat: { type: 'string', default: '5' },
    store: { type: 'string' },
  },
});
const [modelPath, folder] = positionals.filter(argument => argument !== '--');
if (!modelPath || !folder)
  throw new Error(
    'usage: extract.ts model.onnx images/ [--threads 2] [--batch 16] [--repeat 5] [--store out.arrow]',
  );
const threads = Number(values.threads);
const batchSize = Number(values.batch);
const repeat = Number(values.repeat);

const endings = /\.(jpe?g|png|bmp|webp)$/i;
const files = (await readdir(folder, { recursive: true })).filter(name => endings.test(name)).sort();
const samples = {
  length: files.length * repeat,
  async *[Symbol.asyncIterator](): AsyncGenerator<Sample> {
    for (let round = 0; round < repeat; round++)
      for (const name of files) yield { id: `${round}/${name}`, bytes: readFileSync(join(folder, name)) };
  },
};

const backbone = await openBackbone(modelPath === 'heavy' ? heavyModel() : modelPath, { threads });
const preprocessing = preset('imagenet');
const median = (numbers: number[]) => numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)]!;

async function barePerImage(): Promise<number> {
  const data = new Float32Array(batchSize * 3 * 224 * 224);
  for (let i = 0; i < data.length; i++) data[i] = Math.sin(i);
  const tensor = { type: 'float32', dims: [batchSize, 3, 224, 224], data } as const;
  const times: number[] = [];
  for (let run = 0; run < 12; run++) {
    const start = performance.now();
    await backbone.run(tensor);
    if (run >= 2) times.push((performance.now() - start) / batchSize);
  }
  return median(times);
}

const before = await barePerImage();
const start = performance.now();
let rows = 0;
let rssFirst = 0;
let rssLargest = 0;
const options = { preprocessing, batchSize };
const onBatch = (count: number) => {
  rows += count;
  const rss = process.memoryUsage.rss();
  if (rows <= samples.length / 5) rssFirst = Math.max(rssFirst, rss);
  rssLargest = Math.max(rssLargest, rss);
};
if (values.store)
  await extractToStore(values.store, backbone, samples, {
    ...options,
    ifExists: 'overwrite',
    onProgress: p => onBatch(p.rows - rows),
  });
else for await (const batch of extractBatches(backbone, samples, options)) onBatch(batch.ids.length);
const perImage = (performance.now() - start) / rows;
const bare = (before + (await barePerImage())) / 2;

const round = (value: number) => Number(value.toFixed(3));
process.stdout.write(
  `${JSON.stringify({
    images: rows,
    threads,
    batch: batchSize,
    images_per_s: round(1000 / perImage),
    ms_per_image: round(perImage),
    ms_per_image_bare_session: round(bare),
    share_of_bare_session: round(bare / perImage),
    rss_mb_first_fifth: Math.round(rssFirst / 1e6),
    rss_mb_largest: Math.round(rssLargest / 1e6),
  })}\n`,
);
await backbone.close();
