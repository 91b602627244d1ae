import {
  cutModel,
  type GraphIndex,
  graphOf,
  indexGraph,
  type ModelProto,
  openModel,
  type Runtime,
  readsOf,
  type Tensor,
} from '@ood/onnx';

/** True for a tensor that no input of the graph influences. */
export function isConstant(index: GraphIndex, tensor: string): boolean {
  const pending = [tensor];
  const seen = new Set<string>();
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (seen.has(name) || index.initializer(name)) continue;
    seen.add(name);
    const node = index.producer(name);
    if (node === undefined || node.opType.startsWith('Random')) return false;
    pending.push(...readsOf(node));
  }
  return true;
}

/** The value of a constant tensor as float32, computed by the runtime where the graph derives it (transposed, dequantised …). */
export async function evaluateConstant(
  model: ModelProto,
  tensor: string,
  runtime: Runtime,
): Promise<{ dims: readonly number[]; data: Float32Array }> {
  const stored = indexGraph(graphOf(model)).constant(tensor);
  if (stored !== undefined) return { dims: stored.dims, data: toFloat32(stored) };
  const session = await openModel(runtime, cutModel(model, { outputs: [tensor] }), { threads: 1 });
  try {
    const value = (await session.run({}))[tensor]!;
    return { dims: value.dims, data: toFloat32(value) };
  } finally {
    await session.close();
  }
}

/** The elements as 32-bit floats. */
export function toFloat32(tensor: Tensor): Float32Array {
  if (tensor.type === 'float32') return tensor.data;
  if (tensor.type === 'float64') return Float32Array.from(tensor.data);
  if (tensor.type === 'float16') return Float32Array.from(tensor.data, fromHalf);
  throw new TypeError(`floating-point elements are expected, not ${tensor.type}`);
}

/** The number that 16 bits of an IEEE 754 half float stand for. */
function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
