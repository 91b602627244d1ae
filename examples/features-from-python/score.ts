// Features saved by Python (save_features.py) → a fitted detector → figures, and scores as .npy for Python again.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeNpy, encodeNpy, type Matrix } from '@ood/core';
import { fitDetector } from '@ood/detectors';
import { saveDetector } from '@ood/detectors/node';
import { evaluate } from '@ood/metrics';

const folder = process.argv[2] ?? '.';

/** A float32 matrix `[n, d]` in a .npy file. */
async function read(name: string): Promise<Matrix> {
  const path = join(folder, `${name}.npy`);
  const { shape, data } = decodeNpy(await readFile(path), path);
  const [rows, cols] = shape;
  if (!(data instanceof Float32Array) || rows === undefined || cols === undefined || shape.length !== 2)
    throw new Error(
      `${path}: expected a float32 array of shape [n, d], got shape [${shape}]; save it as float32`,
    );
  return { rows, cols, data };
}

const detector = await fitDetector('mahalanobis++', {
  features: await read('id-train.features'),
  logits: await read('id-train.logits'), // its argmax stands in for labels
});
const id = await detector.score({ features: await read('id-test.features') });
const ood = await detector.score({ features: await read('ood.features') });
const { auroc } = evaluate(id, ood, { seed: 1 });
console.log(`AUROC ${(100 * auroc.value).toFixed(1)} %`);

await writeFile(join(folder, 'ood.scores.npy'), encodeNpy({ shape: [ood.length], data: ood }));
await saveDetector(detector, join(folder, 'mahalanobis.safetensors'));
await detector.close();
