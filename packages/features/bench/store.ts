import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFeatureStore, openFeatureStore, type StoredElement } from '../src/index.ts';

/**
 * Megabytes per second written to and read from the page cache, and the resident memory, for a store of
 * 200,000 × 768 floats and 10 logits (`pnpm bench:store`). The flush to disk at the end is left out of the writing time
 * and given apart. Prints one JSON line per element type.
 */
const ROWS = 200_000;
const DIM = 768;
const CLASSES = 10;
const BLOCK = 256;
const folder = await mkdtemp(join(tmpdir(), 'ood-store-'));
const random = (rows: number, cols: number) => ({
  rows,
  cols,
  data: Float32Array.from({ length: rows * cols }, (_, i) => Math.sin(i)),
});
const features = random(BLOCK, DIM);
const logits = random(BLOCK, CLASSES);

async function measure(element: StoredElement): Promise<void> {
  const path = join(folder, `${element}.arrow`);
  const writer = await createFeatureStore(path, {
    layout: { dim: DIM, classes: CLASSES, element },
    provenance: null,
  });
  const rss = process.memoryUsage.rss();
  let largest = rss;
  let start = performance.now();
  for (let from = 0; from < ROWS; from += BLOCK) {
    const rows = Math.min(BLOCK, ROWS - from);
    const positions = Array.from({ length: rows }, (_, i) => from + i);
    await writer.append({
      features: { ...features, rows, data: features.data.subarray(0, rows * DIM) },
      logits: { ...logits, rows, data: logits.data.subarray(0, rows * CLASSES) },
      labels: new Int32Array(rows),
      ids: positions.map(position => `class/${position}.jpg`),
      indices: Float64Array.from(positions),
    });
    largest = Math.max(largest, process.memoryUsage.rss());
  }
  const written = performance.now() - start;
  start = performance.now();
  await writer.finish();
  const flushed = performance.now() - start;
  const megabytes = (await stat(path)).size / 1e6;

  const store = await openFeatureStore(path);
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 3; round++) {
    start = performance.now();
    let rows = 0;
    for await (const batch of store.batches()) {
      rows += batch.ids.length;
      largest = Math.max(largest, process.memoryUsage.rss());
    }
    if (rows !== ROWS) throw new Error(`expected ${ROWS} rows, got ${rows}`);
    best = Math.min(best, performance.now() - start);
  }
  start = performance.now();
  for (let i = 0; i < 200; i++) await store.readBatch((i * 389) % store.batchRows.length);
  const random = (performance.now() - start) / 200;
  await store.close();
  const perSecond = (milliseconds: number) => Math.round((megabytes / milliseconds) * 1000);
  process.stdout.write(
    `${JSON.stringify({
      element,
      rows: ROWS,
      megabytes: Math.round(megabytes),
      write_mb_per_s: perSecond(written),
      flush_to_disk_s: Number((flushed / 1000).toFixed(2)),
      read_mb_per_s: perSecond(best),
      ms_per_random_batch: Number(random.toFixed(3)),
      rss_mb_before: Math.round(rss / 1e6),
      rss_mb_largest: Math.round(largest / 1e6),
    })}\n`,
  );
}

try {
  await measure('float32');
  await measure('float16');
} finally {
  await rm(folder, { recursive: true });
}
