import './no-telemetry.ts';
import { createRequire } from 'node:module';
import { missingPackage } from '@ood/core';
import { OnnxError } from '../errors.ts';

type Engine = typeof import('onnxruntime-node');

const NAME = 'onnxruntime-node';
/** Its install script fetches libraries of CUDA from another host, and fails where that cannot be reached. */
const COMMAND = `install it: npm install ${NAME} --ignore-scripts`;

let loaded: Engine | undefined;

/**
 * onnxruntime-node, loaded at its first use.
 *
 * @throws CoreError `MISSING_PACKAGE` where it is not installed; OnnxError `ENGINE_FAILED` where this machine cannot load it
 */
export function engine(): Engine {
  try {
    loaded ??= createRequire(import.meta.url)(NAME) as Engine;
    return loaded;
  } catch (cause) {
    throw (
      missingPackage(cause, { where: 'models in Node', name: NAME, advice: COMMAND }) ??
      new OnnxError('ENGINE_FAILED', {
        where: NAME,
        expected: `a library that loads on ${process.platform} ${process.arch}`,
        got: cause instanceof Error ? cause.message : String(cause),
        advice: 'hand in another runtime, e.g. webRuntime of @ood/onnx/web',
        cause,
      })
    );
  }
}
