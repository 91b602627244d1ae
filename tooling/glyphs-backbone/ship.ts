import { createHash } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { featureDim } from './network.ts';

const folder = fileURLToPath(new URL('../../packages/datasets/data/glyphs', import.meta.url));
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

function write(name: string, content: Uint8Array): void {
  const path = join(folder, name);
  writeFileSync(`${path}.incomplete`, content);
  renameSync(`${path}.incomplete`, path);
}

/** Writes the model and its description into the data set's folder. */
export function ship(
  model: Uint8Array,
  facts: { readonly training: object; readonly accuracy: object },
): void {
  const path = 'glyphs-cnn.onnx';
  const { training, accuracy } = facts;
  const description = {
    format: 'ood-glyphs-backbone',
    version: 1,
    model: { path, bytes: model.length, sha256: sha256(model) },
    input: 'image',
    output: 'logits',
    featureDim,
    preprocessing: {
      version: 1,
      orientation: 'ignore',
      color: 'gray',
      resize: { kind: 'exact', width: 28, height: 28 },
      filter: 'bilinear',
      crop: null,
      scale: 1 / 255,
      mean: [0],
      std: [1],
      layout: 'NCHW',
      dtype: 'float32',
    },
    training: { ...training, dataSha256: sha256(readFileSync(join(folder, 'manifest.json'))) },
    accuracy,
  };
  write(path, model);
  write('backbone.json', Buffer.from(`${JSON.stringify(description, null, 1)}\n`));
}
