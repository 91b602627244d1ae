import { elementCount } from '@ood/core';
import { OnnxError } from '../errors.ts';
import type { SparseTensorProto } from '../schema/generated/onnx_pb.ts';
import { elementArrays } from '../session/element-types.ts';
import type { Tensor } from '../session/session.ts';
import { readTensor } from './read-tensor.ts';

/** Most elements that a sparse tensor is spread to: a few bytes of file can name any number. */
const MOST_ELEMENTS = 2 ** 28;

/**
 * Returns the dense tensor that a sparse one stands for; elements that it does not name are zero.
 *
 * @throws OnnxError `INVALID_GRAPH` for indices outside the shape; `TOO_LARGE`; as `readTensor`
 */
export function readSparseTensor({ values, indices, dims: sides }: SparseTensorProto): Tensor {
  const where = `sparse tensor ${JSON.stringify(values?.name ?? '')}`;
  const invalid = (expected: string, got: string) => new OnnxError('INVALID_GRAPH', { where, expected, got });
  if (values === undefined || indices === undefined) throw invalid('values and indices', 'none');
  const { type, data } = readTensor(values);
  const places = readTensor(indices);
  const dims = sides.map(Number);
  const count = elementCount(dims);
  if (type === 'string' || places.type !== 'int64') throw invalid('numbers with indices of int64', type);
  if (!(count >= 0 && count <= MOST_ELEMENTS)) {
    throw new OnnxError('TOO_LARGE', {
      where,
      expected: `at most ${MOST_ELEMENTS} elements`,
      got: `[${dims.join(', ')}]`,
    });
  }
  const coordinates = places.dims.length === 2;
  const rank = coordinates ? dims.length : 1;
  if (places.data.length !== data.length * rank)
    throw invalid(`${data.length * rank} indices for ${data.length} values`, `${places.data.length}`);
  const dense = new elementArrays[type](count) as Float32Array;
  for (let i = 0; i < data.length; i++) {
    let at = 0;
    for (let axis = 0; axis < rank; axis++) {
      const index = Number(places.data[i * rank + axis]);
      const side = coordinates ? dims[axis]! : count;
      if (!(index >= 0 && index < side)) throw invalid(`indices within [${dims.join(', ')}]`, `${index}`);
      at = at * side + index;
    }
    dense[at] = data[i] as number;
  }
  return { type, dims, data: dense } as Tensor;
}
