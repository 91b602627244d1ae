/**
 * Uniformity (exact on a part, sampled on all), effective rank and NC1 of many wide features, and the memory they take.
 *
 *     npx -y pnpm@10 --filter @ood/metrics bench:geometry [rows] [cols]
 *
 * Prints one JSON document. Default 50000 × 2048 (410 MB of float32).
 */
import { createRandom, type Matrix } from '@ood/core';
import { effectiveRank, neuralCollapse, tolerance, uniformity } from '../src/index.ts';

const rows = Number(process.argv[2] ?? 50_000);
const cols = Number(process.argv[3] ?? 2048);
const random = createRandom(1);
const data = new Float32Array(rows * cols);
for (let i = 0; i < data.length; i++)
  data[i] = Math.max(0, random.uniform() - 0.5 + ((i % cols) % 10 === 0 ? 0.3 : 0));
const features: Matrix = { rows, cols, data };
const labels = Int32Array.from({ length: rows }, (_, i) => i % 10);
const held = process.memoryUsage.rss();

/** Processor time rather than wall time, so that other work on the machine counts less. */
async function cpuSeconds(run: () => unknown): Promise<number> {
  const start = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}

const part: Matrix = {
  rows: Math.min(rows, 2048),
  cols,
  data: data.subarray(0, Math.min(rows, 2048) * cols),
};
const exact = await cpuSeconds(() => uniformity(part, { pairs: 'all' }));
const perPair = exact / ((part.rows * (part.rows - 1)) / 2);
const result = {
  schemaVersion: 1,
  node: process.version,
  rows,
  cols,
  uniformityExactCpuSecondsOfPart: exact,
  uniformityExactCpuSecondsExpectedOfAll: (perPair * rows * (rows - 1)) / 2,
  uniformitySampledCpuSeconds: await cpuSeconds(() => uniformity(features)),
  toleranceCpuSeconds: await cpuSeconds(() => tolerance(features, labels)),
  neuralCollapseCpuSeconds: await cpuSeconds(() => neuralCollapse(features, labels)),
  effectiveRankCpuSecondsOfPart: await cpuSeconds(() => effectiveRank(part)),
  extraPeakBytes: process.resourceUsage().maxRSS * 1024 - held,
};
process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
