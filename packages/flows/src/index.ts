// Contract

export {
  type Json,
  joinWeights,
  type Matrix,
  type NamedArrays,
  type NamedShapes,
  type NamedTensors,
  prefixed,
  scope,
  toTensors,
  type Weights,
} from './contract/arrays.ts';
export { type Bijection, defineBijection, type Mapped } from './contract/bijection.ts';
export { type Density, defineDensity } from './contract/density.ts';
export { defineFlow, type FlowModel, type LogProbTrace } from './contract/flow-model.ts';
export type { FittedPreparation, Preparation } from './contract/preparation.ts';

// Bijections

export { actNorm } from './bijections/act-norm.ts';
export { type AffineCouplingOptions, affineCoupling } from './bijections/affine-coupling.ts';
export {
  type AutoregressiveAffineOptions,
  autoregressiveAffine,
} from './bijections/autoregressive-affine.ts';
export { type Chain, type ChainStep, chain } from './bijections/chain.ts';
export { type AffineNumbers, fixedAffine, fixedAffineWeights } from './bijections/fixed-affine.ts';
export { inverse } from './bijections/inverse.ts';
export { type LuLinearOptions, luLinear } from './bijections/lu-linear.ts';
export { permutation, permutationWeights } from './bijections/permutation.ts';
export { type ResidualBlockOptions, residualBlock } from './bijections/residual-block.ts';
export { type SplineCouplingOptions, splineCoupling } from './bijections/spline-coupling.ts';

// Densities

export { type ClassConditionalOptions, classConditional } from './densities/class-conditional.ts';
export { diagonalNormal } from './densities/diagonal-normal.ts';
export { type GaussianMixtureOptions, gaussianMixture } from './densities/gaussian-mixture.ts';
export { standardNormal } from './densities/standard-normal.ts';

// Preparations

export { noPreparation } from './preparations/none.ts';
export { normalize } from './preparations/normalize.ts';
export { project } from './preparations/project.ts';
export { sequence } from './preparations/sequence.ts';

// Presets

export { type FdeOptions, fde } from './presets/fde.ts';
export { type GlowOptions, glow } from './presets/glow.ts';
export { type MaskedAutoregressiveOptions, maskedAutoregressive } from './presets/masked-autoregressive.ts';
export { type NeuralSplineOptions, neuralSpline } from './presets/neural-spline.ts';
export type { BuildOptions, InitialFlow, Preset, Sample, TrainingDefaults } from './presets/preset.ts';
export { type RealNvpOptions, realNvp } from './presets/real-nvp.ts';
export { type ResidualOptions, residual } from './presets/residual.ts';

// Training

export type { EngineChoice } from './engine/choose-engine.ts';
export { type FitResult, fit } from './training/fit.ts';
export type { FitOptions } from './training/fit-options.ts';
export type { EpochRecord, History, ValidationRecord } from './training/history.ts';
export type { FitProgress } from './training/progress.ts';
export type { Schedule } from './training/schedule.ts';
export type { TrainingSettings } from './training/settings.ts';
export type { LabeledMatrix, RowSource, RowStream } from './training/source.ts';

// Fitting of fixed weights

export { kMeans } from './fitting/k-means.ts';
export { standardization, tiedCovariance, type WhiteningOptions, whitening } from './fitting/whitening.ts';

// Fitted flows

export {
  createFlow,
  type Explanation,
  type Flow,
  type FlowOptions,
  type ScoringOptions,
} from './flow/flow.ts';
export { decodeFlow, encodeFlow, type LoadOptions, loadFlow, saveFlow } from './persistence/flow-file.ts';
export { scoringModel, type ToOnnxOptions, toOnnx } from './persistence/to-onnx.ts';

// Randomness and errors

export { FlowsError, type FlowsErrorCode } from './errors.ts';
