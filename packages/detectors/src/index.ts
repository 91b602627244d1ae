// Contract

export type {
  Detector,
  DetectorDescription,
  OptionValue,
  ScoreOptions,
  ToOnnxOptions,
} from './contract/detector.ts';
export type { Environment } from './contract/environment.ts';
export type { FitOptions } from './contract/fit.ts';
export type { FitProgress, FitSettings, MethodOptions } from './contract/method.ts';
export type {
  Head,
  Need,
  Reading,
  TrainingSource,
} from './contract/rows.ts';

// Errors

export {
  DetectorsError,
  type DetectorsErrorCode,
} from './errors.ts';

// By name

export { describeMethod, detectorNames, fitDetector, type MethodDescription } from './registry.ts';

// Densities and distances

export { flowOf } from './flow/flow-of.ts';
export { type FdeOptions, fitFde } from './methods/fde.ts';
export {
  type FlowDensityDetector,
  type FlowDensityMethodOptions,
  type FlowDensityOptions,
  fitFlowDensity,
} from './methods/flow-density.ts';
export { fitGmm, type GmmOptions } from './methods/gmm.ts';
export { fitKnn, type KnnOptions } from './methods/knn.ts';
export {
  type FitMahalanobisOptions,
  fitMahalanobis,
  fitRelativeMahalanobis,
  type MahalanobisOptions,
} from './methods/mahalanobis.ts';
export { fitNnguide, type NnguideOptions } from './methods/nnguide.ts';
export { fitTwoCovariance, type TwoCovarianceOptions } from './methods/two-covariance.ts';
export { fitResidual, fitVim, type SubspaceOptions } from './methods/vim.ts';

// Density and logits fused

export type { FusionOptions } from './fusion/fit-fused.ts';
export { fitFdeFused, fitMahalanobisFused } from './methods/fused.ts';

// Logits

export { createEnergy, type EnergyOptions } from './methods/energy.ts';
export { createGen, type GenOptions } from './methods/gen.ts';
export { createGradnorm } from './methods/gradnorm.ts';
export { createMaxLogit } from './methods/max-logit.ts';
export { createMsp, type MspOptions } from './methods/msp.ts';
export { createOdin, type OdinOptions } from './methods/odin.ts';
export { fitTemperatureScaling } from './methods/temperature-scaling.ts';

// Head: activations shaped, weights masked, distances to its classes

export { type AshOptions, fitAsh } from './methods/ash.ts';
export { type DiceOptions, fitDice } from './methods/dice.ts';
export { type FdbdOptions, fitFdbd } from './methods/fdbd.ts';
export { fitNci, type NciOptions } from './methods/nci.ts';
export { fitReact, type ReactOptions } from './methods/react.ts';
export { fitScale, type ScaleOptions } from './methods/scale.ts';
export { fitShe } from './methods/she.ts';

// Files

export { decodeDetector, type LoadOptions, loadDetector, saveDetector } from './persistence/detector-file.ts';
