import { encodeModel, type GraphProto, makeModel, type Session } from '@ood/onnx';
import { defaultRuntime } from './default-runtime.ts';
import type { Environment } from './environment.ts';

/** A session of a graph. */
export function openSession(graph: GraphProto, environment: Environment): Promise<Session> {
  return openModelSession(encodeModel(makeModel(graph)), environment);
}

/** A session of the bytes of a model. */
export async function openModelSession(
  model: Uint8Array,
  { runtime, threads }: Environment,
): Promise<Session> {
  return (runtime ?? (await defaultRuntime())).createSession(model, { threads });
}
