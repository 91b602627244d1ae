// Fits Mahalanobis++ on a stream of 1 M × 512 rows and prints time and peak memory: `pnpm --filter @ood/detectors bench:stream`.

import { parseArgs } from 'node:util';
import { createRandom } from '@ood/core';
import { fitMahalanobis } from '../src/index.ts';

const { values } = parseArgs({
  options: { rows: { type: 'string', default: '1000000' }, dim: { type: 'string', default: '512' } },
});
const rows = Number(values.rows);
const dim = Number(values.dim);
const BLOCK = 8192;

// One block of noise, shifted by the class of each row: making a million rows anew would take longer than fitting.
const { uniform: random } = createRandom(1);
const noise = Float32Array.from({ length: BLOCK * dim }, () => random() + random());
const labels = Int32Array.from({ length: BLOCK }, (_, row) => row % 100);

const open = function* () {
  for (let start = 0; start < rows; start += BLOCK) {
    const count = Math.min(BLOCK, rows - start);
    const features = { rows: count, cols: dim, data: noise.subarray(0, count * dim) };
    yield { features, labels: labels.subarray(0, count) };
  }
};

const started = performance.now();
const before = process.cpuUsage();
const detector = await fitMahalanobis({ open }, { normalize: true });
const seconds = (performance.now() - started) / 1000;
const { user, system } = process.cpuUsage(before);
const megabytes = process.resourceUsage().maxRSS / 1024;
process.stdout.write(
  `${rows} × ${dim}: ${seconds.toFixed(1)} s (${((user + system) / 1e6).toFixed(1)} s of processor time), peak memory ${megabytes.toFixed(0)} MB\n`,
);
await detector.close();
