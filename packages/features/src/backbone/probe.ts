import { createRandom } from '@ood/core';
import type { Tensor, TensorInfo } from '@ood/onnx';
import { FeaturesError } from '../errors.ts';

/** Rows of a probe where the model leaves the batch free. */
const PROBE_ROWS = 3;

/**
 * Returns a small batch of reproducible noise for every input, to see what the graph makes of it.
 *
 * @param tables rows of what inputs look up, by their names: ids stay below
 * @throws FeaturesError `UNKNOWN_SHAPE` where a dimension is neither fixed, given nor guessable
 */
export function makeProbe(
  inputs: readonly TensorInfo[],
  freeDimensions: Readonly<Record<string, number>> = {},
  tables: Readonly<Record<string, number>> = {},
): Record<string, Tensor> {
  return Object.fromEntries(
    inputs.map(input => [input.name, probeTensor(input, freeDimensions, tables[input.name])]),
  );
}

function probeTensor(
  info: TensorInfo,
  freeDimensions: Readonly<Record<string, number>>,
  rows: number = Number.POSITIVE_INFINITY,
): Tensor {
  const dims = info.dims.map((dim, axis) => {
    if (typeof dim === 'number') return dim;
    const given = freeDimensions[`${info.name}:${axis}`] ?? (dim === null ? undefined : freeDimensions[dim]);
    const size = given ?? (axis === 0 ? PROBE_ROWS : guess(info, axis));
    if (size === undefined) throw unknownShape(info, axis);
    return size;
  });
  const count = dims.reduce((product, dim) => product * dim, 1);
  if (count > MOST_VALUES) throw tooLarge(info, dims);
  const random = createRandom(1).uniform;
  const fill = (value: (i: number) => number): number[] => Array.from({ length: count }, (_, i) => value(i));
  const token = (i: number): number =>
    /mask/i.test(info.name) ? 1 : /type/i.test(info.name) ? 0 : (1 + (i % 97)) % rows;
  switch (info.type) {
    case 'float32':
      return { type: info.type, dims, data: Float32Array.from(fill(() => 4 * random() - 2)) };
    case 'float64':
      return { type: info.type, dims, data: Float64Array.from(fill(() => 4 * random() - 2)) };
    case 'float16':
      // Bit patterns of numbers from 1 to 2.
      return {
        type: info.type,
        dims,
        data: Uint16Array.from(fill(() => 0x3c00 + Math.floor(1024 * random()))),
      };
    case 'uint8':
      return { type: info.type, dims, data: Uint8Array.from(fill(() => Math.floor(256 * random()))) };
    case 'int32':
      return { type: info.type, dims, data: Int32Array.from(fill(token)) };
    case 'int64':
      return { type: info.type, dims, data: BigInt64Array.from(fill(token), BigInt) };
    case 'bool':
      return { type: info.type, dims, data: new Uint8Array(count).fill(1) };
    default:
      throw new FeaturesError('UNSUPPORTED_INPUT', {
        where: `input ${JSON.stringify(info.name)}`,
        expected: 'numbers (float32, float64, float16, uint8, int32, int64 or bool)',
        got: info.type,
        advice: 'put the conversion in front of the model, outside the graph',
        details: { input: info.name, type: info.type },
      });
  }
}

/** A batch of three photographs of 2,000 pixels a side and three channels. */
const MOST_VALUES = 2 ** 25;

function tooLarge(info: TensorInfo, dims: readonly number[]): FeaturesError {
  return new FeaturesError('TOO_LARGE', {
    where: `input ${JSON.stringify(info.name)}`,
    expected: `at most ${MOST_VALUES} values in a batch to try the model with`,
    got: `[${dims.join(', ')}]`,
    advice: 'export the model with free dimensions, and give smaller sizes as freeDimensions',
    details: { input: info.name, dims, limit: MOST_VALUES },
  });
}

/** Usual sizes: color images of 224 pixels, texts of 16 tokens. */
function guess({ type, dims }: TensorInfo, axis: number): number | undefined {
  if (type.startsWith('int')) return dims.length === 2 ? 16 : undefined;
  if (dims.length !== 4) return undefined;
  const channelsLast = typeof dims[3] === 'number' && dims[3] <= 4;
  return axis === (channelsLast ? 3 : 1) ? 3 : 224;
}

function unknownShape(info: TensorInfo, axis: number): FeaturesError {
  const name = info.dims[axis] ?? `${info.name}:${axis}`;
  return new FeaturesError('UNKNOWN_SHAPE', {
    where: `input ${JSON.stringify(info.name)}, axis ${axis}`,
    expected: 'a known size',
    got: `a free dimension in [${info.dims.map(dim => dim ?? '?').join(', ')}]`,
    advice: `give one that the model accepts, e.g. freeDimensions: { ${JSON.stringify(name)}: 128 }`,
    details: { input: info.name, axis, dims: info.dims },
  });
}
