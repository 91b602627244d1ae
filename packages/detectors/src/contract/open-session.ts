import { isOodError } from '@ood/core';
import { encodeModel, type GraphProto, makeModel, type Runtime, type Session } from '@ood/onnx';
import { DetectorsError } from '../errors.ts';
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

/** onnxruntime-node, loaded at its first use. */
async function defaultRuntime(): Promise<Runtime> {
  // Named by a variable: bundlers for browsers, where a runtime is handed in, leave it out.
  const name = '@ood/onnx/node';
  try {
    const { nodeRuntime } = (await import(/* @vite-ignore */ name)) as typeof import('@ood/onnx/node');
    return nodeRuntime;
  } catch (cause) {
    if (isOodError(cause)) throw cause;
    throw new DetectorsError('ENGINE_UNAVAILABLE', {
      where: 'detector',
      expected: 'a runtime, or Node with onnxruntime-node',
      got: cause instanceof Error ? cause.message : String(cause),
      advice: 'pass one as option `runtime`, e.g. webRuntime of @ood/onnx/web',
      cause,
    });
  }
}
