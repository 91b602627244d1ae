import { positive } from '@ood/core';
import type { Detector } from '../contract/detector.ts';
import { fitMethod } from '../contract/fit.ts';
import type { FitOptions, SourceWith, WithHead } from '../contract/fit-arguments.ts';
import { cosineWeights, unitTexts } from '../formula/cosine-head.ts';
import { formulaMethod } from '../formula/formula-method.ts';
import { headOf } from '../formula/head.ts';
import { unitRows } from '../formula/terms.ts';
import { countRows } from './flow-density.ts';

export type McmOptions = {
  /** Default 1. */
  readonly temperature: number;
};

/**
 * Maximum concept matching: score = −max_c softmax(cos(f, t_c) / T), f the embedding of an image and t_c those of the labels' texts, given as the weights of the head
 * (Ming et al., 2022). The bias of the head does not count.
 */
export const mcm = formulaMethod<McmOptions, 'features' | 'head'>({
  name: 'mcm',
  title: 'MCM',
  paper: 'Ming et al., 2022: Delving into out-of-distribution detection with vision-language representations',
  needs: ['features', 'head'],
  reads: ['features'],
  defaults: { temperature: 1 },
  rules: { temperature: positive },
  stores: () => ({ arrays: { texts: ['features', 'labels'] } }),
  async fit(training, _options, context) {
    await countRows(training);
    const { weights } = headOf('mcm', context, training.seen().features!);
    return { arrays: { texts: cosineWeights(unitTexts(weights)) } };
  },
  formula: (f, { features }, { arrays, options: { temperature } }) => {
    const cosines = f.matMul(unitRows(f, features), f.constant(arrays.texts!));
    return f.negate(f.largest(f.softmax(f.divide(cosines, temperature))));
  },
});

/** Fits MCM: keeps the embeddings of the labels' texts, given as head. Needs features and head. */
export function fitMcm(
  source: SourceWith<'features'>,
  options: FitOptions<McmOptions> & WithHead,
): Promise<Detector> {
  return fitMethod(mcm, source, options);
}
