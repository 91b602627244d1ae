import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeNpy, safetensorsParts } from '../../packages/core/src/index.ts';
import { writeWholeFile } from '../../packages/core/src/node/index.ts';
import {
  createFeatureStore,
  type FeatureBatch,
  preset,
  type StoredElement,
} from '../../packages/features/src/index.ts';

/**
 * Writes feature stores (float32, float16, without logits), `.npy` and `.safetensors` of the same rows, and what a reader
 * must find in them (`expected.json`), into the folder given, for `open_stores.py`.
 */
const folder = process.argv[2];
if (!folder) throw new Error('usage: write-stores.ts FOLDER');
const ROWS = 1000;
const DIM = 96;
const CLASSES = 7;

const matrix = (cols: number) => ({
  rows: ROWS,
  cols,
  data: Float32Array.from({ length: ROWS * cols }, (_, i) => Math.round(1000 * Math.sin(i)) / 1024),
});
const positions = Array.from({ length: ROWS }, (_, i) => i);
const all: FeatureBatch = {
  features: matrix(DIM),
  logits: matrix(CLASSES),
  labels: Int32Array.from(positions, i => (i % 10 === 9 ? -1 : i % CLASSES)),
  ids: positions.map(i => `größe/${i}.jpg`),
  indices: Float64Array.from(positions, i => 2 * i),
};

async function writeStore(name: string, element: StoredElement, withLogits: boolean): Promise<void> {
  const layout = { dim: DIM, classes: withLogits ? CLASSES : undefined, element };
  const provenance = {
    model: { sha256: '0'.repeat(64), layer: 'pool', pooling: 'none' },
    preprocessing: preset('imagenet'),
    shard: { index: 0, count: 2 },
  };
  const writer = await createFeatureStore(join(folder!, name), { layout, provenance });
  for (let start = 0; start < ROWS; start += 300) {
    const end = Math.min(ROWS, start + 300);
    const cut = ({ cols, data }: FeatureBatch['features']) => ({
      rows: end - start,
      cols,
      data: data.subarray(start * cols, end * cols),
    });
    await writer.append({
      features: cut(all.features),
      ...(withLogits && { logits: cut(all.logits!) }),
      labels: all.labels.subarray(start, end),
      ids: all.ids.slice(start, end),
      indices: all.indices.subarray(start, end),
    });
  }
  await writer.finish();
}

await rm(folder, { recursive: true, force: true });
await mkdir(folder, { recursive: true });
await writeStore('float32.arrow', 'float32', true);
await writeStore('float16.arrow', 'float16', true);
await writeStore('without-logits.arrow', 'float32', false);
const features = { shape: [ROWS, DIM], data: all.features.data };
const labels = { shape: [ROWS], data: all.labels };
await writeWholeFile(join(folder, 'features.npy'), encodeNpy(features));
await writeWholeFile(
  join(folder, 'features.safetensors'),
  safetensorsParts({ arrays: { features, labels }, metadata: { layer: 'pool' } }),
);
const expected = {
  rows: ROWS,
  dim: DIM,
  classes: CLASSES,
  batches: [300, 300, 300, 100],
  ids: all.ids,
  labels: [...all.labels],
  index: [...all.indices],
  features: [...all.features.data],
  logits: [...all.logits!.data],
};
await writeFile(join(folder, 'expected.json'), JSON.stringify(expected));
