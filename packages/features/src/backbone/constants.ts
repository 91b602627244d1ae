import { type TypedArray, toFloat32 } from '@ood/core';
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
export function isConstant(index: GraphIndex, tensor: string | undefined): boolean {
  // A node of a damaged file may lack an input.
  if (!tensor) return false;
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
  if (stored !== undefined) return { dims: stored.dims, data: floatsOf(stored) };
  const session = await openModel(runtime, cutModel(model, { outputs: [tensor] }), { threads: 1 });
  try {
    const value = (await session.run({}))[tensor]!;
    return { dims: value.dims, data: floatsOf(value) };
  } finally {
    await session.close();
  }
}

function floatsOf({ type, data }: Tensor): Float32Array {
  return toFloat32({ data: data as TypedArray, ...(type === 'float16' && { type }) });
}
