import { OnnxError } from '../errors.ts';
import type { Tensor } from './session.ts';

/** Writes a result into the tensor that was given to receive it, and returns that. @throws OnnxError `WRONG_SHAPE` */
export function copyInto(name: string, target: Tensor, result: Tensor): Tensor {
  if (
    result.dims.length !== target.dims.length ||
    result.dims.some((dim, axis) => dim !== target.dims[axis])
  ) {
    throw new OnnxError('WRONG_SHAPE', {
      where: `output ${JSON.stringify(name)}`,
      expected: `a target of shape [${result.dims.join(', ')}]`,
      got: `[${target.dims.join(', ')}]`,
      details: { output: name, dims: target.dims, actual: result.dims },
    });
  }
  if (target.type === 'string') target.data.splice(0, target.data.length, ...(result.data as string[]));
  else (target.data as Float32Array).set(result.data as Float32Array);
  return target;
}
