import { join } from 'node:path';
import { extractToStore, openBackbone, openFeatureStore } from '@ood/features';
import { describeModel } from '@ood/onnx';
import { nodeRuntime, readModel } from '@ood/onnx/node';
import { expect, it } from 'vitest';
import { exportGuard, fitGuard, openGuard, type Verdict } from '../src/index.ts';
import { glyphOptions, mnist, useGlyphGuard } from './glyph-guard.ts';
import { glyphs, glyphsModel } from './glyphs.ts';

const context = useGlyphGuard({ backbone: { layers: 'stage-ends' }, detector: 'mahalanobis++-fused' });

it('a guard of several layers says what they are', async () => {
  const guard = await openGuard(context.path, { worker: false });
  const { backbone, featureSize, detector } = guard.describe();
  await guard.close();
  expect(backbone.layers!.length).toBeGreaterThan(1);
  expect(backbone.layers![0]).toMatchObject({ tensor: backbone.layer, start: 0 });
  expect(backbone.layers!.reduce((sum, { size }) => sum + size, 0)).toBe(featureSize);
  expect(detector.widths.features).toBe(featureSize);
});

it('is one file when exported, and the file says what it says', async () => {
  const file = join(context.folder, 'guard.onnx');
  const report = await exportGuard(context.path, file, { sample: glyphs('test', 50) });
  expect(report.sample).toMatchObject({ decisions: 0 });
  expect(describeModel(await readModel(file)).externalData).toEqual([]);
  const samples = [];
  for await (const { pixels } of glyphs('test', 97)) samples.push(pixels);
  const guard = await openGuard(context.path, { worker: false });
  const outcomes = await guard.checkBatch(samples, { batchSize: samples.length });
  await guard.close();
  const session = await nodeRuntime.createSession(file);
  const data = Float32Array.from(
    samples.flatMap(image => [...image.data]),
    value => value / 255,
  );
  const outputs = await session.run({ image: { type: 'float32', dims: [samples.length, 1, 28, 28], data } });
  await session.close();
  const verdicts = outcomes.map(outcome => (outcome as { verdict: Verdict }).verdict);
  expect([...(outputs.score!.data as Float32Array)]).toEqual(verdicts.map(({ score }) => score));
  expect([...(outputs.is_ood!.data as Uint8Array)]).toEqual(verdicts.map(({ isOod }) => Number(isOod)));
});

it('takes rows that were extracted with the same layers, and refuses others', async () => {
  const stores: Record<string, Awaited<ReturnType<typeof openFeatureStore>>> = {};
  for (const layers of [undefined, 'stage-ends'] as const) {
    const backbone = await openBackbone(glyphsModel, { trusted: true, layers });
    const path = join(context.folder, `${layers}.arrow`);
    await extractToStore(path, backbone, glyphs('train', 8), { preprocessing: mnist });
    await backbone.close();
    stores[`${layers}`] = await openFeatureStore(path);
  }
  const fit = (store: string) =>
    fitGuard(
      join(context.folder, store),
      glyphOptions({
        backbone: { layers: 'stage-ends' },
        detector: 'react',
        train: { open: () => stores[store]!.batches(), provenance: stores[store]!.provenance! },
      }),
    );
  await expect(fit('undefined')).rejects.toMatchObject({
    code: 'FOREIGN_ROWS',
    expected: expect.stringContaining('the layers'),
  });
  const { detector, featureSize } = await fit('stage-ends');
  expect(detector).toMatchObject({ name: 'react', widths: { features: featureSize } });
  for (const store of Object.values(stores)) await store.close();
});
