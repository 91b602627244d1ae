export { type ConstantOptions, constant } from './constant.ts';
export { type RecordedFunction, type Recording, type RecordOptions, record } from './record.ts';
export { silenceBackendBanner } from './silence-backend-banner.ts';
export type { ConstantSpec, InputSpec, Shape } from './specification.ts';
export { type ValueAndGradientsOptions, valueAndGradients } from './value-and-gradients.ts';
