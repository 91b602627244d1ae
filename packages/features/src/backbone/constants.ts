import { type TypedArray, toFloat32 } from '@ood/core';
import {
  cutModel,
  type GraphIndex,
  graphOf,
  indexGraph,
  type ModelProto,
  openModel,
  quantizedOperators,
  type Runtime,
  type Tensor,
} from '@ood/onnx';

/** The value of a constant tensor as float32, computed by the runtime where the graph derives it (transposed, dequantised …). */
export async function evaluateConstant(
  model: ModelProto,
  tensor: string,
  runtime: Runtime,
): Promise<{ dims: readonly number[]; data: Float32Array }> {
  const stored = indexGraph(graphOf(model)).constant(tensor);
  if (stored !== undefined) return { dims: stored.dims, data: floatsOf(stored) };
  const session = await openModel(runtime, cutModel(model, { outputs: [tensor] }), { threads: 1 });
  try {
    const value = (await session.run({}))[tensor]!;
    return { dims: value.dims, data: floatsOf(value) };
  } finally {
    await session.close();
  }
}

/** The numbers of a tensor as float32. */
export function floatsOf({ type, data }: Tensor): Float32Array {
  return toFloat32({ data: data as TypedArray, ...(type === 'float16' && { type }) });
}

/** Whether integers have part in what makes a tensor. */
export function isQuantized(
  index: GraphIndex,
  tensor: string,
  until: ReadonlySet<string> = new Set(),
): boolean {
  const pending = [tensor];
  const seen = new Set(until);
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    const node = index.producer(name);
    if (node === undefined) continue;
    if (quantizedOperators.has(node.opType) || node.opType === 'MatMulNBits') return true;
    pending.push(...node.input);
  }
  return false;
}
