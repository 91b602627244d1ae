export { type ConstantOptions, constant } from './constant.ts';
export { type SavedModel, withSavedModel } from './model/load-artifacts.ts';
export { type RecordModelOptions, recordModel } from './model/record-model.ts';
export { type ModelSample, sampleModel } from './model/sample-model.ts';
export { type RecordedFunction, type Recording, type RecordOptions, record } from './record.ts';
export { silenceBackendBanner } from './silence-backend-banner.ts';
export type { ConstantSpec, InputSpec, Shape } from './specification.ts';
export { type ValueAndGradientsOptions, valueAndGradients } from './value-and-gradients.ts';
