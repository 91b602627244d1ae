/** What bundles for browsers get in place of `@ood/onnx/node`: code that falls back to Node's engine can be bundled. */
import { nodeOnly } from '@ood/core';
import type { Runtime } from '../session/session.ts';

const BYTES = 'fetch the model and pass its bytes';
const RUNTIME = 'hand in a runtime, e.g. { runtime: webRuntime } of @ood/onnx/web';

export const nodeRuntime: Runtime = {
  name: 'onnxruntime-node',
  version: 'none',
  createSession: nodeOnly('nodeRuntime', RUNTIME),
};
export const isolatedRuntime = nodeOnly('isolatedRuntime', RUNTIME);
export const hashModel = nodeOnly('hashModel', BYTES);
export const readModel = nodeOnly('readModel', BYTES);
export const readTfjsModel = nodeOnly(
  'readTfjsModel',
  'load it with TensorFlow.js and record it: recordModel of @ood/onnx/record',
);
export const convertTfjsModel = nodeOnly('convertTfjsModel', 'record it: recordModel of @ood/onnx/record');
export const writeModel = nodeOnly('writeModel', BYTES);
