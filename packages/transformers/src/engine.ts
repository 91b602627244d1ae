import { invalidOption } from '@ood/core';
import {
  createFailed,
  encodeModel,
  makeGraph,
  makeModel,
  makeNode,
  ortSession,
  type Runtime,
  type Session,
} from '@ood/onnx';
import type { NativeSession, NativeTensor } from './pipeline.ts';

type OrtSession = Parameters<typeof ortSession>[0];
type OrtTensorClass = Parameters<typeof ortSession>[1]['Tensor'];
interface NativeFactory {
  create(model: Uint8Array | string, options?: object): Promise<NativeSession>;
}

/** The engine of a pipeline, for whatever else is to run beside it: one engine in the process, never two versions of one. */
export interface PipelineEngine {
  /** Computes on the CPU, or as the options of a session say. */
  readonly runtime: Runtime;
  /** The engine's own session behind one of `runtime`. */
  nativeOf(session: Session): NativeSession;
  /** A session of the engine as one of ours, which is not to be closed. */
  wrap(native: NativeSession, source: string): Session;
}

/** Returns the engine that made a session. */
export async function engineOf(session: NativeSession): Promise<PipelineEngine> {
  const factory = session.constructor as unknown as NativeFactory;
  const Tensor = await tensorClass(factory);
  const natives = new WeakMap<Session, NativeSession>();
  const wrap = (native: NativeSession, source: string) =>
    ortSession(native as unknown as OrtSession, { source, Tensor, writesInPlace: false });
  const runtime: Runtime = {
    name: 'onnxruntime of transformers.js',
    version: 'as installed with it',
    async createSession(model, options = {}) {
      const { providers = ['cpu'], threads, optimization, externalData } = options;
      const { source = typeof model === 'string' ? model : `model of ${model.length} bytes` } = options;
      const native = await factory
        .create(model, {
          executionProviders: providers,
          graphOptimizationLevel: optimization ?? 'all',
          logSeverityLevel: 4,
          ...(threads !== undefined && { intraOpNumThreads: threads }),
          ...(externalData && {
            externalData: Object.entries(externalData).map(([path, data]) => ({ path, data })),
          }),
        })
        .catch((cause: unknown) => {
          throw createFailed(source, providers, cause);
        });
      const opened = wrap(native, source);
      natives.set(opened, native);
      return opened;
    },
  };
  return { runtime, wrap, nativeOf: opened => natives.get(opened)! };
}

/** The engine's class of tensors, by one that it makes: sessions do not refer to it. */
async function tensorClass(factory: NativeFactory): Promise<OrtTensorClass> {
  const graph = makeGraph('constant', {
    inputs: [],
    outputs: [{ name: 'one', type: 'float32', dims: [1] }],
    nodes: [makeNode('Identity', { inputs: ['constant'], outputs: ['one'] })],
    initializers: { constant: { type: 'float32', dims: [1], data: Float32Array.of(1) } },
  });
  const session = await factory.create(encodeModel(makeModel(graph)), { logSeverityLevel: 4 });
  try {
    const { one } = await session.run({});
    return (one as NativeTensor).constructor as unknown as OrtTensorClass;
  } finally {
    await session.release();
  }
}

const providers: Readonly<Record<string, readonly string[]>> = {
  cpu: ['cpu'],
  cuda: ['cuda'],
  dml: ['dml'],
  coreml: ['coreml'],
  webgpu: ['webgpu'],
};

/** Execution providers of the device that a pipeline was made for. @throws CoreError `INVALID_OPTION` where it must be named */
export function providersOf(where: string, { config = {} }: NativeSession): readonly string[] {
  const { device = 'cpu' } = config;
  const known = providers[device];
  if (known) return known;
  const expected = `execution providers for the device ${JSON.stringify(device)}`;
  throw invalidOption(where, 'providers', expected, undefined, "name them, e.g. providers: ['cpu']");
}
