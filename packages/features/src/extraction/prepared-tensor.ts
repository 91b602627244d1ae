import { elementCount } from '@ood/core';
import { type ElementArrays, type ElementType, elementArrays } from '@ood/onnx';

/** One row of one input of a model: a tensor without the batch dimension. */
export type PreparedTensor = {
  [T in NumberType]: { readonly type: T; readonly dims: readonly number[]; readonly data: ElementArrays[T] };
}[NumberType];

type NumberType = Exclude<ElementType, 'string'>;

/** Whether a value is one row of an input: an array of its type, as long as its dimensions say. */
export function isTensor(value: unknown): value is PreparedTensor {
  const { type, dims, data } = Object(value) as Record<string, unknown>;
  return (
    typeof type === 'string' &&
    type !== 'string' &&
    Object.hasOwn(elementArrays, type) &&
    data instanceof elementArrays[type as keyof typeof elementArrays] &&
    Array.isArray(dims) &&
    dims.every(dim => Number.isSafeInteger(dim) && dim >= 0) &&
    (data as Float32Array).length === elementCount(dims)
  );
}
