import type { InferenceSession } from 'onnxruntime-node';
import { OnnxError } from '../errors.ts';
import { createFailed } from '../session/create-failed.ts';
import { ortSession } from '../session/ort-session.ts';
import type { Runtime, SessionOptions } from '../session/session.ts';
import { checkSessionOptions } from '../session/session-options.ts';
import { checkModelFile, emptyModel } from './check-model-file.ts';
import { engine } from './engine.ts';
import { foreignFile } from './foreign-file.ts';

/**
 * onnxruntime in Node. A path (rather than bytes) lets the model keep tensors in external files beside it.
 * `run` blocks its thread while it computes: servers score in a worker. It also copies every output into a new array, which the
 * garbage collector must take away, even where the caller gave one to write to (microsoft/onnxruntime#32346): graphs that run often
 * should return little.
 */
export const nodeRuntime: Runtime = {
  name: 'onnxruntime-node',
  get version() {
    const { versions } = engine().env;
    return versions.node ?? versions.common;
  },

  async createSession(model, options = {}) {
    checkSessionOptions(options);
    const { env, Tensor } = engine();
    // The engine, which reads this once, would print to stderr what it also throws.
    if (env.logLevel === 'warning') env.logLevel = 'fatal';
    const { source = typeof model === 'string' ? model : `model of ${model.length} bytes` } = options;
    if (typeof model === 'string') await checkModelFile(model);
    else if (model.length === 0) throw emptyModel(source);
    const providers = options.providers ?? ['cpu'];
    checkProviders(providers);
    const native = await create(model, sessionOptions(providers, options)).catch(async (cause: unknown) => {
      const error = createFailed(source, providers, cause);
      throw (
        (typeof model === 'string' &&
          ['CORRUPT_FILE', 'SESSION_FAILED'].includes(error.code) &&
          (await foreignFile(model))) ||
        error
      );
    });
    return ortSession(native, { source, Tensor, writesInPlace: true });
  },
};

function create(model: Uint8Array | string, options: InferenceSession.SessionOptions) {
  const { InferenceSession } = engine();
  return typeof model === 'string'
    ? InferenceSession.create(model, options)
    : InferenceSession.create(model, options);
}

function sessionOptions(
  providers: readonly string[],
  { threads, optimization, externalData }: SessionOptions,
): InferenceSession.SessionOptions {
  return {
    executionProviders: providers,
    graphOptimizationLevel: optimization ?? 'all',
    interOpNumThreads: 1,
    logSeverityLevel: 4,
    // Threads sleep between runs. By default they go on spinning (all of a pause of 40 ms, measured), which takes their cores
    // from what comes in between: decoding, the optimiser, another session.
    extra: { session: { force_spinning_stop: '1' } },
    ...(threads !== undefined && { intraOpNumThreads: threads }),
    ...(externalData && {
      externalData: Object.entries(externalData).map(([path, data]) => ({ path, data })),
    }),
  };
}

function checkProviders(providers: readonly string[]): void {
  const available = engine()
    .listSupportedBackends()
    .map(backend => backend.name);
  for (const provider of providers) {
    if (available.includes(provider)) continue;
    throw new OnnxError('MISSING_PROVIDER', {
      where: `execution provider ${JSON.stringify(provider)}`,
      expected: `one of ${available.join(', ')} (what onnxruntime-node offers on ${process.platform} ${process.arch})`,
      got: provider,
      details: { provider, available },
    });
  }
}
