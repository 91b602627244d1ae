import * as tf from '@tensorflow/tfjs';
import { requireDimension } from '../contract/bijection.ts';
import type { Preparation } from '../contract/preparation.ts';
import { saturate } from '../operations/guard.ts';

/** z = (x − mean) · matrix: centering with whitening and/or a cut to `dim` directions. Weights `mean` `[inputDim]`, `matrix` `[inputDim, dim]`. */
export function project(inputDim: number, dim: number): Preparation {
  requireDimension('project', inputDim);
  requireDimension('project', dim);
  return {
    kind: 'project',
    inputDim,
    dim,
    options: { inputDim, dim },
    constants: { mean: [inputDim], matrix: [inputDim, dim] },
    apply: ({ mean, matrix }, x) =>
      tf.matMul(tf.sub(saturate(x), mean!) as tf.Tensor2D, matrix as tf.Tensor2D) as tf.Tensor2D,
  };
}
