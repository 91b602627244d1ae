import * as tf from '@tensorflow/tfjs';
import { OnnxError } from '../../errors.ts';
import type { Symbolic } from '../graph/graph-builder.ts';
import { kernels } from '../kernels/index.ts';
import { gradients } from './gradients.ts';
import { RecordingBackend } from './recording-backend.ts';

const BACKEND = 'ood-record';

/** The fields of tfjs's engine that a recording exchanges while it runs. */
interface EngineFields {
  state: {
    tensorInfo: WeakMap<
      object,
      { backend: tf.KernelBackend; dtype: tf.DataType; shape: number[]; bytes: number }
    >;
    registeredVariables: Record<string, tf.Variable>;
    nextScopeId: number;
  };
  backendName: string | null;
  backendInstance: tf.KernelBackend | null;
  pendingBackendInit: Promise<boolean> | null | undefined;
  profiler: unknown;
}

/** The recording under way, if any. JavaScript runs a recording to its end before anything else. */
let current: RecordingBackend | undefined;

export function currentRecording(): RecordingBackend | undefined {
  return current;
}

/**
 * Runs `body` with a recording backend in place of tfjs's own, and puts everything back.
 *
 * The engine gets a state of its own (tape, scopes, variables, counters), so nothing of a recording, failed or not,
 * remains in tfjs: no backend, kernel, gradient, variable or tensor count.
 */
export function isolate<T>(body: (backend: RecordingBackend) => T): T {
  if (current) {
    throw new OnnxError('NESTED_RECORDING', {
      where: 'record',
      expected: 'one recording at a time',
      got: 'a call inside a function being recorded',
      advice: 'call it outside',
    });
  }
  const engine = tf.engine() as unknown as EngineFields;
  const { state, backendName, backendInstance, pendingBackendInit, profiler } = engine;
  const backend = new RecordingBackend(dataId => {
    const owner = state.tensorInfo.get(dataId)?.backend;
    if (!owner || owner instanceof RecordingBackend) {
      throw new OnnxError('FOREIGN_TENSOR', {
        where: 'record',
        expected: 'tensors of this recording',
        got: 'one that was disposed or belongs to another recording',
        advice: 'make it anew in the function, or return it as an output of the other recording',
      });
    }
    return owner.readSync(dataId) as ArrayLike<number>;
  });
  const fresh = new (state.constructor as new () => EngineFields['state'])();
  fresh.nextScopeId = state.nextScopeId;
  fresh.registeredVariables = { ...state.registeredVariables };
  fresh.tensorInfo = state.tensorInfo;
  const restoreGradients = gradients.map(replaceGradient);
  for (const [kernelName, kernel] of Object.entries(kernels)) {
    tf.registerKernel({
      kernelName,
      backendName: BACKEND,
      kernelFunc: ({ inputs, attrs }) => {
        const tensors: Record<string, Symbolic> = {};
        for (const [name, info] of Object.entries(inputs)) {
          if (info != null) tensors[name] = backend.symbolic(info, kernelName);
        }
        const result = kernel({ inputs: tensors, attributes: (attrs ?? {}) as never, graph: backend.graph });
        return Array.isArray(result)
          ? result.map(t => backend.handle(t))
          : backend.handle(result as Symbolic);
      },
    });
  }
  current = backend;
  Object.assign(engine, {
    state: fresh,
    backendName: BACKEND,
    backendInstance: backend,
    pendingBackendInit: null,
    profiler: unprofiled,
  });
  try {
    return body(backend);
  } catch (error) {
    throw namingTheKernel(error);
  } finally {
    current = undefined;
    Object.assign(engine, { state, backendName, backendInstance, pendingBackendInit, profiler });
    state.nextScopeId = Math.max(state.nextScopeId, fresh.nextScopeId);
    for (const kernelName of Object.keys(kernels)) tf.unregisterKernel(kernelName, BACKEND);
    for (const restore of restoreGradients) restore();
  }
}

/** tfjs's debug mode would read every result; there is none to read. */
const unprofiled = {
  profileKernel: (kernelName: string, inputs: unknown, run: () => unknown) => ({
    kernelName,
    inputs,
    outputs: run(),
    timeMs: 0,
    extraInfo: '',
  }),
  logKernelProfile() {},
};

/** Exchanges one of tfjs's gradients; the result puts it back. */
function replaceGradient(gradient: tf.GradConfig): () => void {
  const before = tf.getGradient(gradient.kernelName);
  if (before) tf.unregisterGradient(gradient.kernelName);
  tf.registerGradient(gradient);
  return () => {
    tf.unregisterGradient(gradient.kernelName);
    if (before) tf.registerGradient(before);
  };
}

/** tfjs reports a missing kernel as plain text: make it say where the kernel would go. */
function namingTheKernel(error: unknown): unknown {
  const kernel =
    error instanceof Error && /'([^']+)' (?:not registered )?for backend/.exec(error.message)?.[1];
  if (!kernel) return error;
  return new OnnxError('UNSUPPORTED_KERNEL', {
    where: 'record',
    expected: 'kernels known to @ood/onnx/record',
    got: `'${kernel}'`,
    advice:
      'write it with supported operations, or add it in packages/onnx/src/record/kernels (see "How to add a kernel" in ' +
      'index.ts there)',
    details: { kernel },
  });
}
