import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openBackbone } from '@ood/features';
import { describe, expect, it } from 'vitest';

const bench = process.env.OOD_BENCH;
const present = bench !== undefined && existsSync(bench);

const models = [
  { folder: 'cifar10-resnet20', featureSize: 64, classes: 10, shape: ['batch', 3, 32, 32] },
  { folder: 'imagenette-mobilenet', featureSize: 768, classes: 1000, shape: ['batch', 3, 224, 224] },
  { folder: 'digits-mlp', featureSize: 64, classes: 10, shape: ['batch', 784] },
];

describe.skipIf(!present)('the real models (skipped unless OOD_BENCH names their folder)', () => {
  it.each(models)(
    '$folder: the head is found, proved, and maps the stored features to the stored logits',
    async model => {
      const { folder, featureSize, classes, shape } = model;
      const backbone = await openBackbone(join(bench!, folder, 'model.onnx'), { threads: 1 });
      expect(backbone.featureSize).toBe(featureSize);
      expect(backbone.inputShape).toEqual(shape);
      const { weights, bias } = backbone.head!;
      expect(weights).toMatchObject({ rows: classes, cols: featureSize });

      const rows = 20;
      const features = await numbers(
        join(bench!, folder, 'features/id-test.features.npy'),
        4 * rows * featureSize,
      );
      const logits = await numbers(join(bench!, folder, 'features/id-test.logits.npy'), 2 * rows * classes);
      const f = new Float32Array(features);
      const z = new Uint16Array(logits);
      for (let row = 0; row < rows; row++) {
        for (let c = 0; c < classes; c++) {
          let sum = bias[c]!;
          for (let j = 0; j < featureSize; j++)
            sum += weights.data[c * featureSize + j]! * f[row * featureSize + j]!;
          expect(Math.abs(sum - half(z[row * classes + c]!))).toBeLessThan(2e-3 * Math.max(4, Math.abs(sum)));
        }
      }
      await backbone.close();
    },
  );
});

/** The first bytes behind the 128 bytes of a .npy header. */
async function numbers(path: string, bytes: number): Promise<ArrayBuffer> {
  return new Uint8Array((await readFile(path)).subarray(128, 128 + bytes)).buffer;
}

function half(bits: number): number {
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  const size = exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15);
  return bits & 0x8000 ? -size : size;
}
