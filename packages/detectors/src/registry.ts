import type { Detector } from './contract/detector.ts';
import { fitMethod } from './contract/fit.ts';
import type { FitSettings, Method, MethodOptions } from './contract/method.ts';
import type { TrainingSource } from './contract/rows.ts';
import { DetectorsError } from './errors.ts';
import { ash } from './methods/ash.ts';
import { dice } from './methods/dice.ts';
import { energy } from './methods/energy.ts';
import { fdbd } from './methods/fdbd.ts';
import { fde } from './methods/fde.ts';
import { fdeFlow, fdeGlow, fdeRealNvp, fdeResidual } from './methods/flow-density.ts';
import { fdeFused, mahalanobisFused } from './methods/fused.ts';
import { gen } from './methods/gen.ts';
import { gmm } from './methods/gmm.ts';
import { gradnorm } from './methods/gradnorm.ts';
import { knn } from './methods/knn.ts';
import {
  mahalanobis,
  mahalanobisPlusPlus,
  relativeMahalanobis,
  relativeMahalanobisPlusPlus,
} from './methods/mahalanobis.ts';
import { maxLogit } from './methods/max-logit.ts';
import { msp } from './methods/msp.ts';
import { nci } from './methods/nci.ts';
import { nnguide } from './methods/nnguide.ts';
import { odin } from './methods/odin.ts';
import { react } from './methods/react.ts';
import { scale } from './methods/scale.ts';
import { she } from './methods/she.ts';
import { temperatureScaling } from './methods/temperature-scaling.ts';
import { twoCovariance } from './methods/two-covariance.ts';
import { residual, vim } from './methods/vim.ts';

/** Every method, the recommended one and densities first. */
const methods = [
  fdeFused,
  mahalanobisFused,
  fde,
  twoCovariance,
  fdeFlow,
  fdeGlow,
  fdeRealNvp,
  fdeResidual,
  mahalanobis,
  mahalanobisPlusPlus,
  relativeMahalanobis,
  relativeMahalanobisPlusPlus,
  gmm,
  knn,
  residual,
  vim,
  nnguide,
  msp,
  maxLogit,
  energy,
  temperatureScaling,
  odin,
  gen,
  react,
  ash,
  scale,
  dice,
  she,
  fdbd,
  nci,
  gradnorm,
] as unknown as readonly Method[];

/** Names that `fitDetector` knows. */
export const detectorNames: readonly string[] = methods.map(({ name }) => name);

/** What a method is, before it is fitted. */
export type MethodDescription = Pick<Method, 'name' | 'title' | 'paper' | 'needs' | 'reads' | 'defaults'>;

/** @throws DetectorsError `UNKNOWN_DETECTOR` */
export function describeMethod(name: string): MethodDescription {
  const { title, paper, needs, reads, defaults } = findMethod(name);
  return { name, title, paper, needs, reads, defaults };
}

/**
 * Fits a detector by its name; its options are those of `describeMethod(name).defaults`.
 *
 * @throws DetectorsError `UNKNOWN_DETECTOR`, and as every fit
 */
export async function fitDetector(
  name: string,
  source: TrainingSource,
  options: MethodOptions | FitSettings = {},
): Promise<Detector> {
  return fitMethod(findMethod(name), source, options as MethodOptions);
}

/** @throws DetectorsError `UNKNOWN_DETECTOR` */
export function findMethod(name: string): Method {
  const method = methods.find(candidate => candidate.name === name);
  if (method !== undefined) return method;
  throw new DetectorsError('UNKNOWN_DETECTOR', {
    where: 'detector',
    expected: `one of ${detectorNames.join(', ')}`,
    got: name,
    details: { name, known: detectorNames },
  });
}
