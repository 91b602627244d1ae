import { elementCount, float32ToFloat16 } from '@ood/core';
import {
  cutModel,
  dataTypeName,
  elementArrays,
  inferShapes,
  type ModelProto,
  openModel,
  type Runtime,
  type Session,
  type Tensor,
  withoutQuantization,
} from '@ood/onnx';
import { FeaturesError } from '../errors.ts';
import type { Head } from './backbone.ts';
import { floatsOf } from './constants.ts';
import type { TracedHead } from './find-head.ts';

/** Values in one batch of unit vectors. */
const BATCH_VALUES = 2 ** 22;

/**
 * Returns W and b of a head by what its part of the graph makes of the zero vector (b) and of the unit vectors (the columns of W): an
 * affine function is known by that, however it is spelt. Quantization of activations is left out, so that only the weights'
 * own rounding remains.
 *
 * @param dims shapes of `head.sources`, as the probe has them
 * @param probe what is fed to the model, for sizes that the head's part of the graph may look up
 */
export async function extractHead(
  model: ModelProto,
  head: TracedHead,
  {
    dims,
    probe,
    runtime,
  }: {
    readonly dims: readonly (readonly number[])[];
    readonly probe: Readonly<Record<string, Tensor>>;
    readonly runtime: Runtime;
  },
): Promise<Head> {
  const part = cutModel(model, { inputs: head.sources, outputs: [head.logits] });
  const session = await openModel(runtime, head.quantized ? withoutQuantization(part) : part, { threads: 1 });
  try {
    return await readAffine(session, model, head, dims, probe);
  } finally {
    await session.close();
  }
}

async function readAffine(
  session: Session,
  model: ModelProto,
  head: TracedHead,
  dims: readonly (readonly number[])[],
  probe: Readonly<Record<string, Tensor>>,
): Promise<Head> {
  const types = inferShapes(model).tensors;
  // Of a map each channel counts once: its values are all alike.
  const widths = dims.map(([, ...rest]) => (head.pooled ? rest[0]! : elementCount(rest)));
  const d = widths.reduce((sum, width) => sum + width, 0);
  const values = dims.reduce((sum, [, ...rest]) => sum + elementCount(rest), 0);

  /** Rows of logits for the unit vectors from `start` on; vector d is zero. */
  const apply = async (start: number, rows: number): Promise<{ data: Float32Array; classes: number }> => {
    const feeds: Record<string, Tensor> = {};
    let first = 0;
    for (const [s, name] of head.sources.entries()) {
      const [, ...rest] = dims[s]!;
      const [width, size] = [widths[s]!, elementCount(rest)];
      const data = new Float32Array(rows * size);
      for (let row = 0; row < rows; row++) {
        const at = start + row - first;
        if (at < 0 || at >= width) continue;
        const each = size / width;
        data.fill(1, row * size + at * each, row * size + (at + 1) * each);
      }
      feeds[name] = tensorOf(types.get(name)?.type ?? 1, [rows, ...rest], data);
      first += width;
    }
    for (const { name } of session.inputs)
      if (probe[name] && !feeds[name]) feeds[name] = repeated(probe[name], rows);
    const used = Object.fromEntries(session.inputs.map(({ name }) => [name, feeds[name]!]));
    const result = (await session.run(used))[head.logits]!;
    if (result.dims[0] !== rows) throw new RangeError(`${result.dims[0]} rows for ${rows}`);
    return averaged(result);
  };

  const zero = await apply(d, 1);
  const classes = zero.classes;
  const bias = zero.data;
  const weights = new Float32Array(classes * d);
  let batch = Math.max(1, Math.min(d, Math.floor(BATCH_VALUES / values)));
  for (let start = 0; start < d; ) {
    const rows = Math.min(batch, d - start);
    const made = await apply(start, rows).catch((error: unknown) => {
      // A graph that is bound to one row says so here.
      if (batch === 1) throw error;
      batch = 1;
      return undefined;
    });
    if (made === undefined) continue;
    for (let row = 0; row < rows; row++)
      for (let c = 0; c < classes; c++)
        weights[c * d + start + row] = made.data[row * classes + c]! - bias[c]!;
    start += rows;
  }
  return { weights: { rows: classes, cols: d, data: weights }, bias };
}

/** `[rows, classes]`, averaged over what dimensions there are more of a map. */
function averaged(tensor: Tensor): { data: Float32Array; classes: number } {
  const all = floatsOf(tensor);
  const [rows = 0, ...rest] = tensor.dims;
  const isMap = rest.length === 3 && elementCount(rest.slice(1)) > 1;
  const classes = isMap ? rest[0]! : elementCount(rest);
  const each = all.length / (rows * classes);
  if (each === 1) return { data: all, classes };
  const data = new Float32Array(rows * classes);
  for (let i = 0; i < all.length; i++) data[Math.floor(i / each)]! += all[i]! / each;
  return { data, classes };
}

/** The first row, several times. */
function repeated(tensor: Tensor, rows: number): Tensor {
  const [count = 1, ...rest] = tensor.dims;
  const size = tensor.data.length / count;
  const data = new elementArrays[tensor.type as 'float32'](size * rows);
  const first = (tensor.data as Float32Array).subarray(0, size);
  for (let row = 0; row < rows; row++) data.set(first, row * size);
  return { ...tensor, dims: [rows, ...rest], data } as Tensor;
}

function tensorOf(type: number, dims: readonly number[], data: Float32Array): Tensor {
  const name = dataTypeName(type);
  if (name === 'float32') return { type: name, dims, data };
  if (name === 'float64') return { type: name, dims, data: Float64Array.from(data) };
  if (name === 'float16') return { type: name, dims, data: Uint16Array.from(float32ToFloat16(data)) };
  throw new FeaturesError('UNSUPPORTED_LAYER', {
    where: 'the head',
    expected: 'features of float32, float64 or float16',
    got: name,
    advice: 'export the model in float32',
  });
}
