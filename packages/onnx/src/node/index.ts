export { hashModel, type ModelHash } from './hash-model.ts';
export { type IsolatedRuntime, type IsolationOptions, isolatedRuntime } from './isolated/isolated-runtime.ts';
export {
  type ReadModelOptions,
  readModel,
  type WriteModelOptions,
  writeModel,
} from './model-file.ts';
export { nodeRuntime } from './node-runtime.ts';
export {
  type ConversionParity,
  type ConvertTfjsOptions,
  convertTfjsModel,
  type ReadTfjsOptions,
  readTfjsModel,
} from './tfjs-model.ts';
