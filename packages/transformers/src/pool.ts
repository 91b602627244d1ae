import { elementCount, float16ToFloat32, type Matrix } from '@ood/core';
import { TransformersError } from './errors.ts';
import type { NativeTensor } from './pipeline.ts';

/** How an output of tokens or of a map becomes one vector: the first token, or the mean over tokens (by the mask) or over space. */
export type EmbeddingPooling = 'cls' | 'mean';

/** Values of a tensor as float32. */
async function floatsOf(name: string, tensor: NativeTensor): Promise<Float32Array> {
  const data = await (tensor.getData?.() ?? tensor.data);
  if (data instanceof Float32Array) return data;
  if (tensor.type === 'float16') {
    const half = data as Uint16Array;
    return Float32Array.from(float16ToFloat32(new Uint16Array(half.buffer, half.byteOffset, half.length)));
  }
  throw new TransformersError('UNSUPPORTED', {
    where: `output ${JSON.stringify(name)}`,
    expected: 'float32 or float16',
    got: tensor.type,
    advice: 'name another output',
  });
}

/**
 * Returns one vector per row of an output `[n, d]`, `[n, tokens, d]` or `[n, channels, height, width]`.
 *
 * @param mask of tokens, `[n, tokens]`: those of padding do not count in the mean
 */
export async function pooledRows(
  name: string,
  tensor: NativeTensor,
  { pooling, mask }: { readonly pooling: EmbeddingPooling; readonly mask?: NativeTensor | undefined },
): Promise<Matrix<Float32Array>> {
  const data = await floatsOf(name, tensor);
  const [rows = 0, ...rest] = tensor.dims;
  if (rest.length === 1) return { rows, cols: rest[0]!, data: data.slice() };
  if (rest.length === 3) {
    const [channels = 0, ...space] = rest;
    return { rows, cols: channels, data: spaceMeans(data, rows * channels, elementCount(space)) };
  }
  if (rest.length !== 2)
    throw new TransformersError('UNSUPPORTED', {
      where: `output ${JSON.stringify(name)}`,
      expected: '[n, d], [n, tokens, d] or [n, channels, height, width]',
      got: `[${tensor.dims.join(', ')}]`,
      advice: 'name another output',
      details: { output: name, dims: [...tensor.dims] },
    });
  const [tokens = 0, cols = 0] = rest;
  const pooled = new Float32Array(rows * cols);
  const counts = mask && ((await mask.data) as ArrayLike<number | bigint>);
  const isMasked = counts !== undefined && counts.length === rows * tokens;
  for (let row = 0; row < rows; row++) {
    const used = Array.from({ length: tokens }, (_, token) => token).filter(token =>
      pooling === 'mean' ? !isMasked || Number(counts[row * tokens + token]) !== 0 : token === 0,
    );
    for (let col = 0; col < cols; col++) {
      let sum = 0;
      for (const token of used) sum += data[(row * tokens + token) * cols + col]!;
      pooled[row * cols + col] = sum / used.length;
    }
  }
  return { rows, cols, data: pooled };
}

function spaceMeans(data: Float32Array, groups: number, size: number): Float32Array {
  return Float32Array.from({ length: groups }, (_, group) => {
    let sum = 0;
    for (let i = 0; i < size; i++) sum += data[group * size + i]!;
    return sum / size;
  });
}
