import type { Env, InferenceSessionFactory, TensorConstructor } from 'onnxruntime-common';
import { OnnxError } from '../errors.ts';
import { createFailed } from '../session/create-failed.ts';
import { ortSession } from '../session/ort-session.ts';
import type { Runtime, SessionOptions } from '../session/session.ts';
import { checkSessionOptions } from '../session/session-options.ts';

/** What this needs of onnxruntime-web: any of its builds (`onnxruntime-web`, `/wasm`, `/webgpu` …). */
export interface OrtWeb {
  readonly env: Env;
  readonly InferenceSession: InferenceSessionFactory;
  readonly Tensor: TensorConstructor;
}

/**
 * Returns a runtime around a build of onnxruntime-web, for a browser (or any host of WebAssembly). Set
 * `ort.env.wasm.wasmPaths` before the first session where the `.wasm` file is not beside the script.
 *
 * The number of threads belongs to the whole page: it is that of the first session (default 1), and more than one needs
 * a cross-origin isolated page.
 */
export function createWebRuntime(ort: OrtWeb): Runtime {
  const threads = threadSetting(ort.env);
  return {
    name: 'onnxruntime-web',
    version: ort.env.versions.web ?? ort.env.versions.common,

    async createSession(model, options = {}) {
      checkSessionOptions(options);
      if (typeof model === 'string') {
        throw new OnnxError('INVALID_OPTION', {
          where: 'createSession',
          expected: 'the bytes of a model',
          got: `the string ${JSON.stringify(model)}`,
          advice: 'fetch it: new Uint8Array(await (await fetch(url)).arrayBuffer())',
        });
      }
      const { source = `model of ${model.length} bytes` } = options;
      if (model.length === 0) {
        throw new OnnxError('EMPTY_FILE', { where: source, expected: 'an ONNX model', got: '0 bytes' });
      }
      threads.fix(options.threads);
      const providers = options.providers ?? ['wasm'];
      const native = await ort.InferenceSession.create(model, nativeOptions(providers, options)).catch(
        (cause: unknown) => {
          throw createFailed(source, providers, cause);
        },
      );
      return ortSession(native, { source, Tensor: ort.Tensor, writesInPlace: false });
    },
  };
}

function nativeOptions(providers: readonly string[], { optimization, externalData }: SessionOptions) {
  return {
    executionProviders: providers,
    graphOptimizationLevel: optimization ?? 'all',
    // The engine would print what it also throws.
    logSeverityLevel: 4 as const,
    ...(externalData && {
      externalData: Object.entries(externalData).map(([path, data]) => ({ path, data })),
    }),
  };
}

/** The page-wide number of threads, which the engine reads once. */
function threadSetting(env: Env): { fix(wanted: number | undefined): void } {
  let fixed: number | undefined;
  return {
    fix(wanted) {
      const isolated = (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated ?? true;
      if (wanted !== undefined && wanted > 1 && !isolated) {
        throw invalidThreads('1 in a page that is not cross-origin isolated', wanted);
      }
      if (fixed !== undefined && wanted !== undefined && wanted !== fixed) {
        throw invalidThreads(`${fixed}, as in the first session of the page`, wanted);
      }
      if (fixed !== undefined) return;
      fixed = wanted ?? 1;
      env.wasm.numThreads = fixed;
      // The engine's start-up notes would go to the console.
      if (env.logLevel === 'warning') env.logLevel = 'fatal';
    },
  };
}

function invalidThreads(expected: string, got: number): OnnxError {
  return new OnnxError('INVALID_OPTION', {
    where: 'session option threads',
    expected,
    got: `${got}`,
    details: { option: 'threads', value: got },
  });
}
