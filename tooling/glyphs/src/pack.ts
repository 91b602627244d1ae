import { createHash } from 'node:crypto';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { side } from './raster.ts';
import { classes } from './sets/letters.ts';
import type { SampleSet } from './types.ts';

export interface PackedFile {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** Writes `content` as `folder/path` (temporary name first) and returns its entry for the manifest. */
export function writePacked(folder: string, path: string, content: Uint8Array): PackedFile {
  const target = join(folder, path);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(`${target}.incomplete`, content);
  renameSync(`${target}.incomplete`, target);
  return { path, bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') };
}

/** IDX, the format of the MNIST files: magic, sizes (big-endian uint32), bytes. */
function idx(sizes: readonly number[], data: Uint8Array): Uint8Array {
  const header = Buffer.alloc(4 + 4 * sizes.length);
  header.writeUInt32BE(0x0800 + sizes.length, 0);
  for (const [i, size] of sizes.entries()) header.writeUInt32BE(size, 4 + 4 * i);
  return Buffer.concat([header, data]);
}

const compress = (data: Uint8Array) => gzipSync(data, { level: 9 });

/** Images and labels as gzipped IDX, and one line `family style symbol variant` per sample (gzipped TSV). */
export function packSet(folder: string, set: SampleSet) {
  const { name, role, group, description, samples } = set;
  const pixels = Buffer.concat(samples.map(sample => sample.pixels));
  const lines = samples.map(s => `${s.family}\t${s.style}\t${s.symbol}\t${s.variant}\n`).join('');
  const write = (suffix: string, content: Uint8Array) =>
    writePacked(folder, `${name}-${suffix}.gz`, compress(content));
  return {
    name,
    role,
    ...(group && { group }),
    description,
    count: samples.length,
    images: write('images-idx3-ubyte', idx([samples.length, side, side], pixels)),
    ...(role !== 'ood' && {
      labels: write(
        'labels-idx1-ubyte',
        idx(
          [samples.length],
          Uint8Array.from(samples, sample => classes.indexOf(sample.symbol)),
        ),
      ),
    }),
    samples: write('samples.tsv', Buffer.from(lines)),
  };
}
