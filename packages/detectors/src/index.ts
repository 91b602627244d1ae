export type { Detector, DetectorDescription, ScoreOptions } from './contract/detector.ts';
export type { Head, Matrix, Need, Rows, TrainingRows } from './contract/rows.ts';
export {
  DetectorsError,
  type DetectorsErrorCode,
  type DetectorsErrorParts,
  isDetectorsError,
} from './errors.ts';
export { createEnergy, type EnergyOptions } from './methods/energy.ts';
export { type FdeDetector, type FdeOptions, fitFde } from './methods/fde.ts';
export { fitKnn, type KnnOptions } from './methods/knn.ts';
export { fitMahalanobis, type MahalanobisOptions } from './methods/mahalanobis.ts';
export { createMaxLogit } from './methods/max-logit.ts';
export { createMsp, type MspOptions } from './methods/msp.ts';
