import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
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

it('says what else it was given, and how that becomes an ONNX model', async () => {
  const inputs: Readonly<Record<string, string>> = {
    'other.json': '[]',
    'config.json': '{ "model_type": "vit" }',
    'net.tflite': '\u001c\0\0\0TFL3',
  };
  for (const [name, content] of Object.entries(inputs)) await writeFile(join(folder, name), content);
  await run('convert', 'model.json', '--out', 'onnx.onnx');
  const says = async (name: string, text: string) => {
    const { code, stderr } = await run('convert', name, '--out', 'x.onnx');
    expect(code).toBe(EXIT.failed);
    expect(stderr).toContain(text);
    expect(stderr).not.toContain('ood inspect');
  };
  await says('other.json', 'JSON that is no model; give the model itself');
  await says('config.json', 'optimum-cli export onnx --model');
  await says('net.tflite', 'python -m tf2onnx.convert --tflite');
  await says('onnx.onnx', 'got an ONNX model; give it to the other commands as it is');
});

it.each(['inspect', 'extract', 'fit'])(
  '%s names a folder that is a model of another format',
  async command => {
    await mkdir(join(folder, 'saved'), { recursive: true });
    await writeFile(join(folder, 'saved', 'saved_model.pb'), 'x');
    const images = ['--images', '.', '--preprocess', 'mnist'];
    const args = { inspect: ['saved'], extract: ['--model', 'saved', ...images, '--out', 'f.arrow'] };
    const { code, stderr } = await run(
      command,
      ...(args[command as keyof typeof args] ?? ['--model', 'saved', ...images, '--out', 'g']),
    );
    expect(code).toBe(EXIT.failed);
    expect(stderr).toContain('python -m tf2onnx.convert --saved-model');
  },
);
