import type { Runtime } from '@ood/onnx';

/** The runtime handed in, else onnxruntime-node, loaded when first needed. */
export async function loadRuntime(runtime?: Runtime): Promise<Runtime> {
  if (runtime !== undefined) return runtime;
  const { nodeRuntime } = await import('@ood/onnx/node');
  return nodeRuntime;
}
