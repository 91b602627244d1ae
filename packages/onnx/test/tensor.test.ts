import {
  decodeModel,
  type ElementType,
  encodeModel,
  graphOf,
  makeGraph,
  makeModel,
  readTensor,
  type Tensor,
  writeTensor,
} from '@ood/onnx';
import fc from 'fast-check';
import { expect, it } from 'vitest';

const dims = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 });

/** Any data of a type, as arbitrary bit patterns where the type has them. */
const arrays: Record<ElementType, (bytes: Uint8Array<ArrayBuffer>, count: number) => Tensor['data']> = {
  float32: bytes => new Float32Array(bytes.buffer).map(value => (Number.isNaN(value) ? Number.NaN : value)),
  float64: bytes => new Float64Array(bytes.buffer).map(value => (Number.isNaN(value) ? Number.NaN : value)),
  float16: bytes => new Uint16Array(bytes.buffer),
  int8: bytes => new Int8Array(bytes.buffer),
  uint8: bytes => bytes,
  int16: bytes => new Int16Array(bytes.buffer),
  uint16: bytes => new Uint16Array(bytes.buffer),
  int32: bytes => new Int32Array(bytes.buffer),
  uint32: bytes => new Uint32Array(bytes.buffer),
  int64: bytes => new BigInt64Array(bytes.buffer),
  uint64: bytes => new BigUint64Array(bytes.buffer),
  bool: bytes => bytes.map(byte => byte & 1),
  string: (bytes, count) => Array.from({ length: count }, (_, i) => `${bytes[i] ?? ''}☃${i}`),
};

const tensor = fc
  .tuple(
    dims,
    fc.constantFrom(...(Object.keys(arrays) as ElementType[])),
    fc.infiniteStream(fc.integer({ min: 0, max: 255 })),
  )
  .map(([shape, type, stream]): Tensor => {
    const count = shape.reduce((product, dim) => product * dim, 1);
    const bytes = Uint8Array.from([...stream.take(8 * count)]);
    const data = arrays[type](bytes, count);
    return { type, dims: shape, data: data.slice(0, count) } as Tensor;
  });

it('any tensor comes back from bytes as it went in, wherever its data happen to lie in them', () => {
  fc.assert(
    fc.property(tensor, fc.string({ maxLength: 9 }), (value, name) => {
      const graph = makeGraph(name, {
        inputs: [],
        outputs: [],
        nodes: [],
        initializers: { [`t${name}`]: value },
      });
      const decoded = decodeModel(encodeModel(makeModel(graph)));
      expect(readTensor(graphOf(decoded).initializer[0]!)).toEqual(value);
      expect(readTensor(writeTensor('t', value))).toEqual(value);
    }),
    { seed: 1, numRuns: 300 },
  );
});
