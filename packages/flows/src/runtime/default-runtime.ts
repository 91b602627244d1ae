import type { Runtime } from '@ood/onnx';

/** onnxruntime-node, loaded only when something runs without a runtime of its own. */
export async function defaultRuntime(): Promise<Runtime> {
  const { nodeRuntime } = await import('@ood/onnx/node');
  return nodeRuntime;
}
