import { count, notNegative, oneOf, positive, share, whole } from '@ood/core';
import type { Detector } from '../contract/detector.ts';
import { fitMethod } from '../contract/fit.ts';
import type { FitOptions, SourceWith } from '../contract/fit-arguments.ts';
import type { Fitted, Method, Scorer } from '../contract/method.ts';
import { requireDirections } from '../contract/require-directions.ts';
import { collectClassRows } from '../density/class-rows.ts';
import type { DensityPart } from '../density/density-part.ts';
import { densityModel, densityScorer } from '../density/density-scorer.ts';
import { densityStored } from '../density/density-stored.ts';
import { type DensityOptions, fitDensity } from '../density/fit-density.ts';
import { countRows } from './flow-density.ts';

/** Options of `fde`; those of the flow's training come from its preset where they are left out. */
export type FdeOptions = DensityOptions;

/**
 * Feature density, global and local: a model of the classes and the distance to the k-th nearest ID row, each as −log p among ID rows
 * that it was not fitted on, weighed by how pure the neighborhoods are; score = −log p of that sum, in nats.
 *
 * The model is a normalizing flow (`fde-flow`, Cook, Lavoie and Waslander, 2024) where the rows can bear one, and neighbors are sought in
 * its latent; else it is the flow's start, the closed form of `two-covariance`, and neighbors are sought in its metric. Where
 * neighbors are mostly of other classes (many classes, few rows), neighbors of unit rows count more than the classes, and no flow is trained.
 */
export const fde: Method<FdeOptions, 'features'> = {
  name: 'fde',
  title: 'FDE',
  paper:
    'Cook, Lavoie and Waslander, 2024: Feature density estimation for out-of-distribution detection via normalizing flows (with local density)',
  needs: ['features'],
  reads: ['features'],
  defaults: {
    flow: 'auto',
    background: 0.7,
    seed: 1,
    epochs: undefined,
    batchSize: undefined,
    learningRate: undefined,
    noise: undefined,
  },
  rules: {
    flow: oneOf('auto', 'always', 'never'),
    background: share,
    seed: count,
    epochs: whole,
    batchSize: whole,
    learningRate: positive,
    noise: notNegative,
  },
  async fit(training, options, context) {
    await countRows(training);
    requireDirections('fde', training.seen().features!);
    return fitDensity('fde', await collectClassRows('fde', context, options), options, context);
  },
  stores: densityStored,
  open: (fitted, environment): Scorer => densityScorer(partOf(fitted), environment),
  toOnnx: (fitted, names) => densityModel(partOf(fitted), names),
};

/** Fits FDE. Needs features; labels, or what predicts them, where there are classes. */
export function fitFde(
  source: SourceWith<'features'>,
  options: FitOptions<FdeOptions> = {},
): Promise<Detector> {
  return fitMethod(fde, source, options);
}

function partOf({ numbers, arrays }: Fitted<FdeOptions>): DensityPart & { readonly weight: number } {
  return {
    arrays,
    neighbor: numbers.neighbor!,
    weight: numbers.weight!,
    organized: numbers.organized === 1,
  };
}
