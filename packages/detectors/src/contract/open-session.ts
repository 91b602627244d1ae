import { encodeModel, type GraphProto, makeModel, type Session } from '@ood/onnx';
import type { Environment } from './environment.ts';

/** A session of a graph; onnxruntime-node is loaded when no runtime was handed in. */
export async function openSession(graph: GraphProto, { runtime, threads }: Environment): Promise<Session> {
  const engine = runtime ?? (await import('@ood/onnx/node')).nodeRuntime;
  return engine.createSession(encodeModel(makeModel(graph)), { threads });
}
