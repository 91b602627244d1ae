import { closest } from '@ood/core';
import { type CatalogEntry, catalog } from './catalog.ts';
import type { Detector } from './contract/detector.ts';
import { fitMethod } from './contract/fit.ts';
import type { FitArguments } from './contract/fit-arguments.ts';
import type { AnyMethod, FitSettings, Method, MethodOptions } from './contract/method.ts';
import type { TrainingSource } from './contract/rows.ts';
import { DetectorsError } from './errors.ts';
import { ash } from './methods/ash.ts';
import { cadref } from './methods/cadref.ts';
import { dice } from './methods/dice.ts';
import { energy } from './methods/energy.ts';
import { fdbd } from './methods/fdbd.ts';
import { fde } from './methods/fde.ts';
import { fdeFlow, fdeGlow, fdeRealNvp, fdeResidual } from './methods/flow-density.ts';
import { fdeFused, mahalanobisFused } from './methods/fused.ts';
import { gen } from './methods/gen.ts';
import { gmm } from './methods/gmm.ts';
import { gradnorm } from './methods/gradnorm.ts';
import { klMatching } from './methods/kl-matching.ts';
import { knn } from './methods/knn.ts';
import {
  mahalanobis,
  mahalanobisPlusPlus,
  relativeMahalanobis,
  relativeMahalanobisPlusPlus,
} from './methods/mahalanobis.ts';
import { maxLogit } from './methods/max-logit.ts';
import { mcm } from './methods/mcm.ts';
import { msp } from './methods/msp.ts';
import { nci } from './methods/nci.ts';
import { neco } from './methods/neco.ts';
import { neglabel } from './methods/neglabel.ts';
import { nnguide } from './methods/nnguide.ts';
import { odin } from './methods/odin.ts';
import { openmax } from './methods/openmax.ts';
import { react } from './methods/react.ts';
import { scale } from './methods/scale.ts';
import { she } from './methods/she.ts';
import { temperatureScaling } from './methods/temperature-scaling.ts';
import { twoCovariance } from './methods/two-covariance.ts';
import { residual, vim } from './methods/vim.ts';
import { vra } from './methods/vra.ts';

/** Every method by its name, the recommended one and densities first. */
const methods = {
  'fde-fused': fdeFused,
  'mahalanobis++-fused': mahalanobisFused,
  fde,
  'two-covariance': twoCovariance,
  'fde-flow': fdeFlow,
  'fde-glow': fdeGlow,
  'fde-real-nvp': fdeRealNvp,
  'fde-residual': fdeResidual,
  mahalanobis,
  'mahalanobis++': mahalanobisPlusPlus,
  'relative-mahalanobis': relativeMahalanobis,
  'relative-mahalanobis++': relativeMahalanobisPlusPlus,
  gmm,
  knn,
  residual,
  vim,
  nnguide,
  msp,
  'max-logit': maxLogit,
  energy,
  'temperature-scaling': temperatureScaling,
  odin,
  gen,
  'kl-matching': klMatching,
  openmax,
  react,
  vra,
  'ash-s': ash,
  scale,
  dice,
  she,
  fdbd,
  nci,
  neco,
  cadref,
  gradnorm,
  mcm,
  neglabel,
} as const;

/** Names of the methods of this package. */
export type DetectorName = keyof typeof methods;

/** Options of a method by its name. */
export type OptionsOf<Name extends DetectorName> =
  (typeof methods)[Name] extends Method<infer Options> ? Options : never;

/** What a method needs to be fitted, by its name. */
export type NeedsOf<Name extends DetectorName> = (typeof methods)[Name]['needs'][number];

/** A name as it stands: one of this package, or a string that is known at run time only. */
type Known<Name extends string> = string extends Name
  ? Name
  : Name extends DetectorName
    ? Name
    : DetectorName;

/** What follows a name in `fitDetector`: what that method needs; after a name that is known at run time only, what is checked there. */
export type FitArgumentsOf<Name extends string> =
  IsUnion<Name> extends true
    ? [source: TrainingSource, options?: MethodOptions | FitSettings]
    : Name extends DetectorName
      ? FitArguments<OptionsOf<Name>, NeedsOf<Name>>
      : [source: TrainingSource, options?: MethodOptions | FitSettings];

type IsUnion<T, Each = T> = T extends unknown ? ([Each] extends [T] ? false : true) : never;

/** Names that `fitDetector` knows. */
export const detectorNames: readonly DetectorName[] = Object.keys(methods) as DetectorName[];

/** What a method is, before it is fitted. */
export type MethodDescription = Pick<Method, 'name' | 'title' | 'paper' | 'needs' | 'reads' | 'defaults'> &
  CatalogEntry;

/** @throws DetectorsError `UNKNOWN_DETECTOR` */
export function describeMethod(name: string): MethodDescription {
  const { title, paper, needs, reads, defaults } = findMethod(name);
  return { name, title, paper, needs, reads, defaults, ...catalog[name]! };
}

/**
 * Fits a detector by its name; its options are those of `describeMethod(name).defaults`. Where the name is a literal, what its method
 * needs (features, logits, labels, a head) is part of the type.
 *
 * @throws DetectorsError `UNKNOWN_DETECTOR`, and as every fit
 */
export function fitDetector<Name extends DetectorName | (string & {})>(
  name: Name & Known<Name>,
  ...rowsAndOptions: FitArgumentsOf<Name>
): Promise<Detector>;
export async function fitDetector(
  name: string,
  source: TrainingSource,
  options: MethodOptions | FitSettings = {},
): Promise<Detector> {
  return fitMethod(findMethod(name), source, options);
}

/**
 * A method by its name: one of those handed in, or of this package.
 *
 * @throws DetectorsError `UNKNOWN_DETECTOR`
 */
export function findMethod(name: string, others: readonly AnyMethod[] = [], where = 'detector'): AnyMethod {
  const own = others.find(method => method.name === name);
  if (own) return own;
  if (Object.hasOwn(methods, name)) return methods[name as DetectorName];
  const known = [...others.map(method => method.name), ...detectorNames];
  const meant = closest(name, known);
  throw new DetectorsError('UNKNOWN_DETECTOR', {
    where,
    expected: `one of ${known.join(', ')}`,
    got: name.length > 60 ? `${name.slice(0, 60)}…` : name,
    advice: `${meant === undefined ? 'correct the name' : `did you mean ${meant}?`}; a method of your own is handed to decodeDetector as option \`methods\``,
    details: { name, known },
  });
}
