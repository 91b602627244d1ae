import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeModel } from '@ood/onnx';
import { nodeRuntime, readModel } from '@ood/onnx/node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ood-formats-'));
});
afterEach(() => rm(folder, { recursive: true }));

const bytes = (...parts: readonly (string | readonly number[])[]): Uint8Array =>
  Buffer.concat(parts.map(part => Buffer.from(part as string, 'latin1')));
/** The start of a zip file, and the names in its directory at the end. */
const zip = (...names: readonly string[]): Uint8Array =>
  bytes(
    'PK\u0003\u0004',
    Array(26).fill(0),
    names[0] ?? '',
    Array(200_000).fill(7),
    names.join('PK\u0001\u0002'),
  );

const models: readonly [name: string, content: Uint8Array, says: RegExp][] = [
  ['net.pt', zip('net/data.pkl', 'net/version', 'net/data/0'), /checkpoint of PyTorch.*torch\.onnx\.export/],
  [
    'old.pth',
    bytes([0x80, 2, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e]),
    /checkpoint of PyTorch/,
  ],
  [
    'script.pt',
    zip('net/data.pkl', 'net/code/__torch__.py', 'net/constants.pkl'),
    /TorchScript.*torch\.jit\.load/,
  ],
  ['net.h5', bytes([0x89], 'HDF\r\n\u001a\n', Array(64).fill(0)), /Keras.*load_model\(".*net\.h5"\)\.export/],
  ['net.keras', zip('metadata.json', 'config.json', 'model.weights.h5'), /\.keras.*\.export\("model\.onnx"/],
  [
    'net.tflite',
    bytes([0x1c, 0, 0, 0], 'TFL3', Array(64).fill(0)),
    /tf2onnx\.convert --tflite .*net\.tflite/,
  ],
  [
    'saved_model.pb',
    bytes([0x08, 0x01, 0x12, 0xff, 0x7f], 'saved_model_main_op', 'serving_default'),
    /SavedModel.*--saved-model/,
  ],
  ['forest.pkl', bytes([0x80, 4, 0x95], 'sklearn'), /skl2onnx/],
  ['w.safetensors', bytes([60, 0, 0, 0, 0, 0, 0, 0], '{"__metadata__":{"format":"pt"}}'), /safetensors/],
  ['w.gguf', bytes('GGUF', [3, 0, 0, 0]), /llama\.cpp/],
  ['net.pte', bytes([0x30, 0, 0, 0], 'ET12', Array(64).fill(0)), /ExecuTorch.*torch\.onnx\.export/],
  [
    'net.pt2',
    zip('net/archive_format', 'net/models/model.json', 'net/version'),
    /\.pt2.*torch\.export\.load\(".*net\.pt2"\), dynamo=True/,
  ],
  ['net.engine', bytes('ftrt', Array(64).fill(0)), /TensorRT.*\.onnx file that it was made from/],
  [
    'net.xml',
    bytes('<?xml version="1.0"?>\n<net name="n" version="11"><layers>'),
    /OpenVINO.*\.onnx file that it was made from/,
  ],
  // Version 7, a description of 3 bytes, a neural network (field 500).
  ['net.mlmodel', bytes([8, 7, 0x12, 3, 0x0a, 1, 0x78, 0xa2, 0x1f, 2, 8, 1]), /Core ML/],
  [
    'config.json',
    bytes('{"architectures": ["ViT"], "model_type": "vit"}'),
    /optimum-cli export onnx --model \//,
  ],
  [
    'arch.json',
    bytes('{"class_name": "Sequential", "config": {}}'),
    /architecture of a Keras model.*\.export/,
  ],
  ["it's.h5", bytes([0x89], 'HDF\r\n\u001a\n'), /load_model\(".*it\\u0027s\.h5"\)/],
  ['a b.tflite', bytes([0x1c, 0, 0, 0], 'TFL3'), /--tflite '.*a b\.tflite' --output/],
  ['net.ort', bytes([0x20, 0, 0, 0], 'ORTM', Array(16).fill(0)), /\.ort/],
];

describe('a model of another format', () => {
  it.each(models)('%s is named, with the way to an ONNX model', async (name, content, says) => {
    const path = join(folder, name);
    await writeFile(path, content);
    const expected = { code: 'UNSUPPORTED', message: expect.stringMatching(says) };
    await expect(readModel(path)).rejects.toMatchObject(expected);
    // The engine reads its own format.
    if (!name.endsWith('.ort')) await expect(nodeRuntime.createSession(path)).rejects.toMatchObject(expected);
    expect(() => decodeModel(content, { source: path })).toThrow(expect.objectContaining(expected));
  });

  it('is named where its weights are not given with it, as those of TensorFlow.js in bytes', async () => {
    const content = bytes('{"format": "layers-model", "modelTopology": {}, "weightsManifest": []}');
    expect(() => decodeModel(content, { source: 'model.json' })).toThrow(
      expect.objectContaining({
        code: 'UNSUPPORTED',
        advice: expect.stringContaining('ood convert model.json --out model.onnx'),
      }),
    );
    const path = join(folder, 'model.json');
    await writeFile(path, content);
    await expect(nodeRuntime.createSession(path)).rejects.toMatchObject({ code: 'UNSUPPORTED' });
    await expect(readModel(path)).rejects.toMatchObject({ code: 'CORRUPT_FILE' });
  });

  it.each<[string, readonly string[], RegExp]>([
    ['SavedModel', ['saved_model.pb', 'variables'], /tf2onnx\.convert --saved-model \/\S+ --output/],
    ['Core ML', ['Manifest.json', 'Data'], /\.mlpackage.*made from/],
    ['Hugging Face', ['config.json', 'model.safetensors'], /optimum-cli export onnx --model \/\S+ onnx/],
    ['OpenVINO', ['net.xml', 'net.bin'], /OpenVINO.*made from/],
  ])('is named where it is a folder of %s', async (_, names, says) => {
    for (const name of names) await writeFile(join(folder, name), 'x');
    await expect(readModel(folder)).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringMatching(says),
    });
  });

  it('leads from a folder to the models in it', async () => {
    for (const name of ['config.json', 'model.onnx', 'model.safetensors'])
      await writeFile(join(folder, name), 'x');
    await expect(readModel(folder)).rejects.toMatchObject({
      code: 'NOT_A_FILE',
      advice: 'give the file in it: model.onnx',
    });
  });
});

it.each<[string, Uint8Array, RegExp]>([
  [
    'a pointer of Git LFS',
    bytes('version https://git-lfs.github.com/spec/v1\noid sha256:0\n'),
    /git lfs pull/,
  ],
  ['a web page', bytes('\n<!DOCTYPE html><html>'), /web page/],
  ['a zip file', zip('readme.txt'), /unpack/],
  ['JSON', bytes('{"labels": ["cat", "dog"]}'), /model\.json of TensorFlow\.js/],
  ['a gzip file', bytes([0x1f, 0x8b, 8]), /unpack/],
])('%s is no model, and named', (_, content, says) => {
  expect(() => decodeModel(content)).toThrow(
    expect.objectContaining({ code: 'FOREIGN_FILE', message: expect.stringMatching(says) }),
  );
});
