import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { createRandom } from '@ood/core';
import {
  archiveImages,
  cifar,
  corruptPixels,
  extractArchive,
  findOverlap,
  type PixelsSample,
  type Samples,
  samplesOf,
  shuffle,
  svhn,
} from '../src/index.ts';
import { matBytes } from '../test/support/make-files.ts';
import { makeTar } from '../test/support/make-tar.ts';
import { makeZip } from '../test/support/make-zip.ts';

/** Reads of each kind from page cache: samples and megabytes a second. Prints a Markdown table. */
const folder = mkdtempSync(join(tmpdir(), 'ood-bench-'));
const rows: string[] = [];

async function measure(
  name: string,
  count: number,
  megabytes: number,
  run: () => Promise<unknown>,
): Promise<void> {
  await run();
  const start = performance.now();
  await run();
  const seconds = (performance.now() - start) / 1000;
  rows.push(
    `| ${name} | ${Math.round(count / seconds).toLocaleString('en')} | ${Math.round(megabytes / seconds)} |`,
  );
}

async function drain(samples: Samples): Promise<void> {
  for await (const _ of samples);
}

const random = createRandom('bench');
const noise = (length: number) => Uint8Array.from({ length }, () => random.below(256));
const file = (name: string, bytes: Uint8Array) => {
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
};

try {
  const records = Buffer.concat(
    Array.from({ length: 10_000 }, () => Buffer.concat([Buffer.of(1), noise(3072)])),
  );
  const batch = file('batch.bin', records);
  const batchMb = records.length / 1e6;
  await measure('CIFAR-10, in order', 10_000, batchMb, async () => drain(await cifar(batch)));
  await measure('CIFAR-10, shuffled', 10_000, batchMb, async () =>
    drain(shuffle(await cifar(batch), { seed: 1 })),
  );

  const images = Array.from({ length: 5000 }, (_, i) => ({
    name: `set/c${i % 10}/${i}.jpg`,
    data: noise(20_000),
  }));
  const tar = makeTar(images);
  const tarFile = file('images.tar', tar);
  const tgz = file('images.tar.gz', gzipSync(tar, { level: 1 }));
  const zip = file('images.zip', makeZip(images));
  await measure('tar of 20 kB images', 5000, 100, async () => drain(await archiveImages(tarFile)));
  await measure('zip (stored), CRC-32 checked', 5000, 100, async () => drain(await archiveImages(zip)));
  await measure('tar.gz, listed and read', 5000, 100, async () => drain(await archiveImages(tgz)));
  await measure('tar.gz, unpacked', 5000, 100, async () => {
    await extractArchive(tgz, join(folder, 'out'));
    rmSync(join(folder, 'out'), { recursive: true });
  });

  const mat = file(
    'svhn.mat',
    matBytes([
      { name: 'X', dims: [32, 32, 3, 5000], type: 2, data: noise(5000 * 3072) },
      { name: 'y', dims: [5000, 1], type: 2, data: new Uint8Array(5000).fill(1) },
    ]),
  );
  await measure('SVHN .mat', 5000, 15.36, async () => drain(await svhn(mat)));

  const pictures = samplesOf<PixelsSample>(
    Array.from({ length: 5000 }, (_, i) => ({
      id: `${i}`,
      pixels: { width: 32, height: 32, channels: 3, data: noise(3072) },
    })),
  );
  await measure('overlap of 5,000 with 5,000 (32 × 32)', 10_000, 30.72, () =>
    findOverlap(pictures, pictures),
  );

  const large = { width: 224, height: 224, channels: 3, data: noise(224 * 224 * 3) };
  await measure('JPEG round trip, 224 × 224', 20, 20 * 0.15, async () => {
    for (let i = 0; i < 20; i++) await corruptPixels(large, { corruption: 'jpeg', severity: 3, seed: i });
  });
  console.log(['| | samples/s | MB/s |', '| --- | --- | --- |', ...rows].join('\n'));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
