import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom } from '@ood/core';
import { preset } from '@ood/features';
import { fitGuard, openGuard, type Verdict } from '../src/index.ts';
import { glyphs, glyphsModel } from '../test/glyphs.ts';

/**
 * Many checks (`pnpm soak [COUNT [MINUTES]]`, by default 100,000 however long they take) with poisoned inputs between: memory has to
 * stay flat, and every verdict what it was at the beginning. Exits 1 where either fails.
 */
const wanted = Number(process.argv[2] ?? 100_000);
const minutes = Number(process.argv[3] ?? Number.POSITIVE_INFINITY);
const folder = await mkdtemp(join(tmpdir(), 'ood-soak-'));
await fitGuard(join(folder, 'guard'), {
  model: glyphsModel,
  preprocessing: preset('mnist'),
  detector: 'mahalanobis++',
  train: glyphs('train', 8),
  calibration: glyphs('validation', 4),
});
const guard = await openGuard(join(folder, 'guard'));

const inputs = [];
for await (const { pixels } of glyphs('test', 90)) inputs.push(pixels);
const random = createRandom(1, 'poison');
const noise = (length: number) => Uint8Array.from({ length }, () => random.below(256));
const png = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
const poisons: readonly (() => never)[] = [
  () => new Uint8Array() as never,
  () => noise(1 + random.below(5000)) as never,
  () => Buffer.concat([png, noise(500)]) as never,
  () => ({ width: 1e9, height: 1e9, channels: 3, data: noise(10) }) as never,
  () => ({ width: 28, height: 28, channels: 1, data: noise(783) }) as never,
  () => new Float32Array([Number.NaN]) as never,
  () => null as never,
  () =>
    ({
      get data() {
        throw new Error('poisoned');
      },
    }) as never,
];

const essence = ({ isOod, score, pValue, prediction }: Verdict) =>
  JSON.stringify([isOod, score, pValue, prediction?.index]);
const first: string[] = [];
for (const input of inputs) first.push(essence(await guard.check(input)));

const start = performance.now();
let [wrong, refused, unexpected] = [0, 0, 0];
const memory: number[] = [];
let sampled = 0;
let count = 0;
for (; count < wanted && performance.now() - start < 60_000 * minutes; count++) {
  const i = count;
  const at = i % inputs.length;
  if (essence(await guard.check(inputs[at]!)) !== first[at]) wrong++;
  if (i % 10 === 0) {
    await guard.check(poisons[random.below(poisons.length)]!()).then(
      () => unexpected++,
      (error: { code?: string }) => (error.code === 'BAD_INPUT' ? refused++ : unexpected++),
    );
  }
  if (i % 100 === 0) {
    const aborted = new AbortController();
    const call = guard.check(inputs[at]!, { signal: aborted.signal }).catch(() => undefined);
    aborted.abort();
    await call;
  }
  const elapsed = performance.now() - start;
  // Often enough to see growth, however many checks the time bears.
  if (elapsed >= sampled + 2000) {
    sampled = elapsed;
    memory.push(process.memoryUsage().rss / 2 ** 20);
  }
}
await guard.close();
await rm(folder, { recursive: true });

const seconds = (performance.now() - start) / 1000;
// The first quarter warms up caches and allocators.
const settled = memory.slice(memory.length >> 2);
const growth = settled.length < 4 ? Number.NaN : settled.at(-1)! - settled[0]!;
console.log(
  `${count} checks in ${seconds.toFixed(0)} s, ${refused} poisoned inputs refused, ${unexpected} taken`,
);
console.log(`verdicts that changed: ${wrong}`);
console.log(
  Number.isNaN(growth)
    ? 'memory: too short a run to tell'
    : `memory (MiB): ${Math.min(...memory).toFixed(0)} to ${Math.max(...memory).toFixed(0)}; grown by ${growth.toFixed(1)} after the first quarter`,
);
process.exitCode = wrong === 0 && unexpected === 0 && growth < 32 ? 0 : 1;
