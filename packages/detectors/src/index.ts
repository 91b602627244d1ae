// Contract

export type {
  Detector,
  DetectorDescription,
  OptionValue,
  ScoreOptions,
  ToOnnxOptions,
} from './contract/detector.ts';
export type { Environment } from './contract/environment.ts';
export type { FitArguments, FitOptions, RowsWith, SourceWith, WithHead } from './contract/fit-arguments.ts';
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

export type { CatalogEntry, Cost, Family } from './catalog.ts';
export {
  type DetectorName,
  describeMethod,
  detectorNames,
  type FitArgumentsOf,
  fitDetector,
  type MethodDescription,
  type NeedsOf,
  type OptionsOf,
} from './registry.ts';

// A method of one's own

export { defineMethod } from './contract/define-method.ts';
export { createStateless, fitMethod } from './contract/fit.ts';
export type {
  AnyMethod,
  FitContext,
  Fitted,
  Found,
  Method,
  NumericArray,
  Scorer,
} from './contract/method.ts';
export type { Sides, Stored } from './contract/sides.ts';
export type { Block, Training } from './contract/training.ts';
export { Formula, type Precision, type Value } from './formula/formula.ts';
export { type FormulaSpecification, formulaMethod } from './formula/formula-method.ts';
export type { GramSum } from './linear-algebra/gram-sum.ts';
export type { Products } from './linear-algebra/products.ts';
export { featureMean, type GroupMeans, groupMeans } from './statistics/means.ts';
export { type Moments, momentsOf } from './statistics/moments.ts';

// Densities and distances

export { flowOf } from './flow/stored-flow.ts';
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
  type FitRelativeMahalanobisOptions,
  fitMahalanobis,
  fitRelativeMahalanobis,
  type MahalanobisOptions,
  type RelativeMahalanobisOptions,
} from './methods/mahalanobis.ts';
export { fitNnguide, type NnguideOptions } from './methods/nnguide.ts';
export { fitTwoCovariance, type TwoCovarianceOptions } from './methods/two-covariance.ts';
export { fitResidual, fitVim, type SubspaceOptions } from './methods/vim.ts';

// Density and logits fused

export type { FusionOptions } from './fusion/fit-fused.ts';
export { type HeadEvidence, headEvidenceOf } from './fusion/head-evidence.ts';
export { fitFdeFused, fitMahalanobisFused } from './methods/fused.ts';

// Logits

export { createEnergy, type EnergyOptions } from './methods/energy.ts';
export { createGen, type GenOptions } from './methods/gen.ts';
export { createGradnorm } from './methods/gradnorm.ts';
export { fitKlMatching } from './methods/kl-matching.ts';
export { createMaxLogit } from './methods/max-logit.ts';
export { createMsp, type MspOptions } from './methods/msp.ts';
export { createOdin, type OdinOptions } from './methods/odin.ts';
export { fitOpenmax, type OpenmaxOptions } from './methods/openmax.ts';
export { fitTemperatureScaling } from './methods/temperature-scaling.ts';

// Head: activations shaped, weights masked, distances to its classes

export { type AshOptions, fitAsh } from './methods/ash.ts';
export { fitCadref } from './methods/cadref.ts';
export { type DiceOptions, fitDice } from './methods/dice.ts';
export { type FdbdOptions, fitFdbd } from './methods/fdbd.ts';
export { fitNci, type NciOptions } from './methods/nci.ts';
export { fitNeco, type NecoOptions } from './methods/neco.ts';
export { fitReact, type ReactOptions } from './methods/react.ts';
export { fitScale, type ScaleOptions } from './methods/scale.ts';
export { fitShe } from './methods/she.ts';
export { fitVra, type VraOptions } from './methods/vra.ts';

// Image–text models: texts of labels as head

export { fitMcm, type McmOptions } from './methods/mcm.ts';
export { fitNeglabel, type NeglabelOptions } from './methods/neglabel.ts';

// What a detector can catch

export { type PowerCheck, type PowerCheckOptions, powerCheck, type Sight } from './power/power-check.ts';
export { type PseudoOod, pseudoOod } from './power/pseudo-ood.ts';

// Files

export { decodeDetector, type LoadOptions } from './persistence/detector-file.ts';
