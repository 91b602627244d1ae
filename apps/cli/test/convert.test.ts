import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silenceBackendBanner } from '@ood/onnx/record';
import { EXIT } from '@ood/terminal';
import { memoryIo } from '@ood/terminal/testing';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { main } from '../src/main.ts';

silenceBackendBanner();

let folder = '';
const run = async (...args: string[]) => {
  const { io, written } = memoryIo({ cwd: folder });
  return { code: await main(args, io), ...written };
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ood-convert-'));
  const model = tf.sequential();
  model.add(tf.layers.dense({ units: 5, activation: 'relu', inputShape: [6] }));
  model.add(tf.layers.dense({ units: 3, activation: 'softmax', name: 'classes' }));
  await model.save({
    async save({ modelTopology, weightSpecs, weightData, format }) {
      const weightsManifest = [{ paths: ['weights.bin'], weights: weightSpecs }];
      await writeFile(join(folder, 'weights.bin'), new Uint8Array([weightData as ArrayBuffer].flat()[0]!));
      await writeFile(join(folder, 'model.json'), JSON.stringify({ format, modelTopology, weightsManifest }));
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    },
  });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it('converts a model of TensorFlow.js, says how far it is from the original, and finds its head', async () => {
  const converted = await run('convert', 'model.json', '--out', 'model.onnx', '--json');
  expect(converted.code).toBe(EXIT.ok);
  const { parity } = JSON.parse(converted.stdout);
  expect(parity).toMatchObject({ rows: 2, outputs: [{ name: 'classes' }] });
  expect(parity.outputs[0].relativeDifference).toBeLessThan(1e-6);
  const again = await run('convert', 'model.json', '--out', 'model.onnx');
  expect(again.code).toBe(EXIT.usage);
  expect(again.stderr).toContain('--overwrite');
  const replaced = await run('convert', 'model.json', '--out', 'model.onnx', '--overwrite');
  expect(replaced.stdout).toMatch(/classes +differs by/);
  const [saved, file] = [
    await run('inspect', 'model.json', '--json'),
    await run('inspect', 'model.onnx', '--json'),
  ];
  for (const { code, stdout } of [saved, file]) {
    expect(code).toBe(EXIT.ok);
    expect(stdout).toMatch(/"kind": ?"Gemm"/);
  }
});

it('says what else it was given', async () => {
  await writeFile(join(folder, 'other.json'), '[]');
  const { code, stderr } = await run('convert', 'other.json', '--out', 'x.onnx');
  expect(code).toBe(EXIT.failed);
  expect(stderr).toContain('model.json of a layers or graph model');
});
