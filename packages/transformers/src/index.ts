export type { OodVerdict, WithOod } from './attach.ts';
export { TransformersError, type TransformersErrorCode } from './errors.ts';
export {
  type FitPipelineGuardOptions,
  fitPipelineGuard,
  type PipelineFailure,
  type PipelineInput,
  type PipelineSample,
  type PipelineSamples,
} from './fit-pipeline-guard.ts';
export { type GuardedPipeline, type GuardPipelineOptions, guardPipeline } from './guard-pipeline.ts';
export type { FeatureOptions } from './open-features.ts';
export type { Origin } from './origin.ts';
export type { PipelineLike } from './pipeline.ts';
export type { EmbeddingPooling } from './pool.ts';
