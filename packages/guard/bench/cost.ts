import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openBackbone, preset, readNpy, toMatrix } from '@ood/features';
import type { Session, Tensor } from '@ood/onnx';
import { nodeRuntime } from '@ood/onnx/node';
import { createGuard, exportGuard } from '../src/index.ts';

/**
 * What a guard costs over its bare backbone, at batch 1: the MobileNet of the benchmarks (768 features) with `fde`, and
 * others for comparison. `OOD_BENCH` names the folder of the benchmarks. The bare model and the exported file take turns
 * on the same input, so that a busy machine slows both alike.
 */
const ROUNDS = 200;
const bench = process.env.OOD_BENCH;
if (!bench || !existsSync(bench)) {
  console.error('set OOD_BENCH to the folder of the benchmarks');
  process.exit(2);
}
const name = 'imagenette-mobilenet';
const model = join(bench, name, 'model.onnx');
const features = toMatrix(await readNpy(join(bench, name, 'features/id-train.features.npy')), 'id-train');
const calibration = toMatrix(await readNpy(join(bench, name, 'features/id-test.features.npy')), 'id-test');
const preprocessing = preset('imagenet', { scale: 2 / 255, mean: [1, 1, 1], std: [1, 1, 1] });
const folder = await mkdtemp(join(tmpdir(), 'ood-guard-cost-'));

const times = async (session: Session, feeds: Record<string, Tensor>): Promise<number> => {
  const start = performance.now();
  await session.run(feeds);
  return performance.now() - start;
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
  `${nodeRuntime.name} ${nodeRuntime.version}, batch 1, 1 thread, median of ${ROUNDS} alternating runs`,
);
for (const detector of process.argv.slice(2).length > 0
  ? process.argv.slice(2)
  : ['fde', 'mahalanobis++', 'energy']) {
  const path = join(folder, detector);
  await createGuard(path, {
    model,
    preprocessing,
    detector,
    // Few steps: the cost of scoring does not depend on how well a flow is trained.
    ...(detector.startsWith('fde') && { detectorOptions: { epochs: 1 } }),
    train: { features },
    calibration: { features: calibration },
  });
  const file = join(folder, `${detector}.onnx`);
  await exportGuard(path, file);
  const [bare, guarded] = [
    await nodeRuntime.createSession(model, { threads: 1 }),
    await nodeRuntime.createSession(file, { threads: 1 }),
  ];
  const feeds = { [input.name]: image };
  for (let i = 0; i < 20; i++) await Promise.all([bare.run(feeds), guarded.run(feeds)]);
  const [a, b]: [number[], number[]] = [[], []];
  for (let i = 0; i < ROUNDS; i++) {
    a.push(await times(bare, feeds));
    b.push(await times(guarded, feeds));
  }
  const ratio = median(a.map((value, i) => b[i]! / value));
  console.log(
    `${detector.padEnd(16)} backbone ${median(a).toFixed(2)} ms, guard ${median(b).toFixed(2)} ms, least ${Math.min(...a).toFixed(2)} and ${Math.min(...b).toFixed(2)} ms; ratio ${ratio.toFixed(3)} (median of pairs), ${(Math.min(...b) / Math.min(...a)).toFixed(3)} (least)`,
  );
  await bare.close();
  await guarded.close();
}
await rm(folder, { recursive: true });
