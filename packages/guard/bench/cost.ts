import { existsSync } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeNpy } from '@ood/core';
import { readPlainFile } from '@ood/core/node';
import { openBackbone, preset, toMatrix } from '@ood/features';
import type { Session, Tensor } from '@ood/onnx';
import { nodeRuntime } from '@ood/onnx/node';
import { exportGuard, fitGuard } from '../src/index.ts';

const readNpy = async (path: string) => decodeNpy(await readPlainFile(path), path);

/**
 * What a guard costs over its bare backbone, at batch 1: the MobileNet of the benchmarks (768 features) with the default, and
 * others for comparison. `OOD_BENCH` names the folder of the benchmarks. The bare model and the exported file take turns
 * of a few runs on the same input, so that a busy machine slows both alike.
 */
const TURNS = 40;
const RUNS = 10;
const bench = process.env.OOD_BENCH;
if (!bench || !existsSync(bench)) {
  console.error('set OOD_BENCH to the folder of the benchmarks');
  process.exit(2);
}
const name = 'imagenette-mobilenet';
const model = join(bench, name, 'model.onnx');
const features = toMatrix(await readNpy(join(bench, name, 'features/id-train.features.npy')), 'id-train');
const labels = Int32Array.from(
  (await readNpy(join(bench, name, 'features/id-train.labels.npy'))).data as Int32Array,
);
const calibration = toMatrix(await readNpy(join(bench, name, 'features/id-test.features.npy')), 'id-test');
const preprocessing = preset('imagenet', { scale: 2 / 255, mean: [1, 1, 1], std: [1, 1, 1] });
const folder = await mkdtemp(join(tmpdir(), 'ood-guard-cost-'));

/** Milliseconds of the fastest run of a turn. */
const least = async (session: Session, feeds: Record<string, Tensor>): Promise<number> => {
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < RUNS; run++) {
    const start = performance.now();
    await session.run(feeds);
    best = Math.min(best, performance.now() - start);
  }
  return best;
};
const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;

const backbone = await openBackbone(model);
const input = backbone.inputs[0]!;
await backbone.close();
const image: Tensor = {
  type: 'float32',
  dims: [1, 3, 224, 224],
  data: Float32Array.from({ length: 3 * 224 * 224 }, (_, i) => Math.sin(i)),
};

console.log(
  `${nodeRuntime.name} ${nodeRuntime.version}, batch 1, 1 thread, ${TURNS} alternating turns, the fastest of ${RUNS} runs each`,
);
for (const detector of process.argv.slice(2).length > 0
  ? process.argv.slice(2)
  : ['fde-fused', 'fde', 'mahalanobis++']) {
  const path = join(folder, detector);
  const before = process.cpuUsage();
  await fitGuard(path, {
    model,
    preprocessing,
    detector,
    // Few steps: the cost of scoring does not depend on how well a flow is trained.
    ...(detector.startsWith('fde') && { detectorOptions: { epochs: 1 } }),
    train: { features, labels },
    calibration: { features: calibration },
  });
  const { user, system } = process.cpuUsage(before);
  const file = join(folder, `${detector}.onnx`);
  await exportGuard(path, file);
  const [bare, guarded] = [
    await nodeRuntime.createSession(model, { threads: 1 }),
    await nodeRuntime.createSession(file, { threads: 1 }),
  ];
  const feeds = { [input.name]: image };
  for (let i = 0; i < 20; i++) await Promise.all([bare.run(feeds), guarded.run(feeds)]);
  const [a, b]: [number[], number[]] = [[], []];
  for (let turn = 0; turn < TURNS; turn++) {
    a.push(await least(bare, feeds));
    b.push(await least(guarded, feeds));
  }
  const ratio = median(a.map((value, i) => b[i]! / value));
  console.log(
    `${detector.padEnd(16)} backbone ${median(a).toFixed(2)} ms, guard ${median(b).toFixed(2)} ms, least ${Math.min(...a).toFixed(2)} and ${Math.min(...b).toFixed(2)} ms; ratio ${ratio.toFixed(3)} (median of turns), ${(Math.min(...b) / Math.min(...a)).toFixed(3)} (least); guard made of ${features.rows} × ${features.cols} in ${((user + system) / 1e6).toFixed(0)} s of processor time, one file of ${((await stat(file)).size / 1e6).toFixed(1)} MB (model ${((await stat(model)).size / 1e6).toFixed(1)} MB)`,
  );
  await bare.close();
  await guarded.close();
}
await rm(folder, { recursive: true });
