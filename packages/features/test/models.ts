import type { TensorInfo } from '@ood/onnx';
import type { BackboneDescription, FeatureModel } from '../src/index.ts';

interface PlaneMeansOptions {
  readonly dims?: TensorInfo['dims'];
  readonly type?: TensorInfo['type'];
  readonly onRun?: (rows: number) => void | Promise<void>;
  /** Turns the features of a row, e.g. into NaN. */
  readonly change?: (row: Float32Array) => void;
}

/** A model whose features are the means of three equal parts of its input, and whose logits are their sum and difference. */
export function planeMeans(options: PlaneMeansOptions = {}): FeatureModel {
  const { dims = ['batch', 3, 8, 8], type = 'float32', onRun, change } = options;
  return {
    inputs: [{ name: 'image', type, dims }],
    async run(batch) {
      const tensor = batch as { dims: readonly number[]; data: ArrayLike<number> };
      const rows = tensor.dims[0]!;
      await onRun?.(rows);
      const part = tensor.data.length / rows / 3;
      const features = new Float32Array(rows * 3);
      const logits = new Float32Array(rows * 2);
      for (let row = 0; row < rows; row++) {
        for (let c = 0; c < 3; c++) {
          let sum = 0;
          for (let i = 0; i < part; i++) sum += tensor.data[(row * 3 + c) * part + i]!;
          features[row * 3 + c] = sum / part;
        }
        const own = features.subarray(row * 3, row * 3 + 3);
        change?.(own);
        logits[row * 2] = own[0]! + own[1]! + own[2]!;
        logits[row * 2 + 1] = own[0]! - own[1]!;
      }
      return { features: { rows, cols: 3, data: features }, logits: { rows, cols: 2, data: logits } };
    },
  };
}

/** `planeMeans` with a description, as a store wants it. `sha256` stands for the model's bytes. */
export function describedModel(
  options: PlaneMeansOptions & { readonly sha256?: string; readonly layer?: string } = {},
) {
  const { sha256 = 'a'.repeat(64), layer = 'pool' } = options;
  return {
    ...planeMeans(options),
    describe: (): BackboneDescription => ({
      model: { sha256, bytes: 1, source: 'plane-means' },
      runtime: { name: 'test', version: '1' },
      inputs: planeMeans(options).inputs,
      layer,
      pooling: 'none',
      featureSize: 3,
      batchSize: null,
      head: { missing: 'made for tests' },
      candidates: [],
    }),
  };
}
