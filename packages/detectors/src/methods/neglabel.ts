import { type Matrix, percentile, pickRows, portion, positive, sliceRows, whole } from '@ood/core';
import type { Detector } from '../contract/detector.ts';
import { fitMethod } from '../contract/fit.ts';
import type { FitOptions, SourceWith, WithHead } from '../contract/fit-arguments.ts';
import type { NumericArray } from '../contract/method.ts';
import { DetectorsError } from '../errors.ts';
import { cosineWeights, unitTexts } from '../formula/cosine-head.ts';
import { formulaMethod } from '../formula/formula-method.ts';
import { headOf } from '../formula/head.ts';
import { unitRows } from '../formula/terms.ts';
import type { Products } from '../linear-algebra/products.ts';
import { countRows } from './flow-density.ts';

export type NeglabelOptions = {
  /** How many of the head's rows, from the first, are texts of ID labels; the others are candidates for negative ones. Must be given. */
  readonly idLabels: number | undefined;
  /** Share of the candidates that is kept: those least like the ID labels. 1 keeps all, where they were chosen before. Default 0.15. */
  readonly keptShare: number;
  /** A candidate is as like the ID labels as this percentile of its cosines to them. Default 95. */
  readonly percentile: number;
  /** Groups of negative labels that are scored apart and averaged. Default 100, at most as many as are kept. */
  readonly groups: number;
  /** Default 0.01. */
  readonly temperature: number;
};

/**
 * NegLabel: score = −mean over groups of Σ_c exp(cos(f, t_c) / T) / (Σ_c exp(cos(f, t_c) / T) + Σ_j exp(cos(f, n_j) / T)), f the embedding of an image, t_c those of
 * the ID labels' texts, n_j those of a group's negative labels: words that are least like the ID labels (Jiang et al., 2024). All texts come as the weights of the head,
 * the ID labels first. Groups are dealt in the order of likeness instead of at random, so that nothing depends on a seed.
 */
export const neglabel = formulaMethod<NeglabelOptions, 'features' | 'head'>({
  name: 'neglabel',
  title: 'NegLabel',
  paper: 'Jiang et al., 2024: Negative label guided OOD detection with pretrained vision-language models',
  needs: ['features', 'head'],
  reads: ['features'],
  defaults: { idLabels: undefined, keptShare: 0.15, percentile: 95, groups: 100, temperature: 0.01 },
  rules: {
    idLabels: whole,
    keptShare: portion,
    percentile,
    groups: whole,
    temperature: positive,
  },
  stores: () => ({
    counts: ['negatives'],
    arrays: {
      texts: ['features', 'labels'],
      negatives: ['features', 'negatives'],
      membership: ['negatives', 'groups'],
    },
  }),
  async fit(training, { idLabels, keptShare, percentile: rank, groups }, context) {
    await countRows(training);
    const { weights } = headOf('neglabel', context, training.seen().features!);
    const all = unitTexts(weights);
    if (idLabels === undefined || idLabels >= all.rows) throw noNegatives(idLabels, all.rows);
    const texts = sliceRows(all, 0, idLabels);
    const candidates = sliceRows(all, idLabels, all.rows);
    const likeness = await likenessTo(texts, candidates, { rank, products: context.products });
    const order = Int32Array.from(likeness.keys()).sort((a, b) => likeness[a]! - likeness[b]!);
    const kept = Math.max(1, Math.floor(keptShare * order.length));
    const used = Math.min(groups, kept);
    // A remainder that would make groups unequal is left out, as published.
    const chosen = order.slice(0, kept - (kept % used));
    const membership = new Float64Array(chosen.length * used);
    for (let j = 0; j < chosen.length; j++) membership[j * used + (j % used)] = 1;
    return {
      options: { groups: used },
      numbers: { negatives: chosen.length },
      arrays: {
        texts: cosineWeights(texts),
        negatives: cosineWeights(pickRows(candidates, chosen)),
        membership: { shape: [chosen.length, used], data: membership },
      },
    };
  },
  formula: (f, { features }, { arrays, options: { temperature, groups } }) => {
    const unit = unitRows(f, features);
    const scaled = (texts: NumericArray) => f.divide(f.matMul(unit, f.constant(texts)), temperature);
    const id = f.logSumExp(scaled(arrays.texts!));
    // Sums of a group must stay within float32.
    const odds = f.exp(f.atMost(f.subtract(scaled(arrays.negatives!), id), 80));
    const against = f.matMul(odds, f.constant(arrays.membership!));
    return f.divide(f.sum(f.power(f.add(against, 1), -1)), -groups);
  },
});

/** Fits NegLabel: chooses negative labels among the texts given as head. Needs features and head, and `idLabels`. */
export function fitNeglabel(
  source: SourceWith<'features'>,
  options: FitOptions<NeglabelOptions> & WithHead & { readonly idLabels: number },
): Promise<Detector> {
  return fitMethod(neglabel, source, options);
}

/** The percentile of each candidate's cosines to the ID labels, between neighbors in proportion. */
async function likenessTo(
  texts: Matrix<Float64Array>,
  candidates: Matrix<Float64Array>,
  { rank, products }: { readonly rank: number; readonly products: Products },
): Promise<Float64Array> {
  const labels = texts.rows;
  const cosines = await products.multiplyTransposed(candidates.data, texts.data, texts.cols);
  return Float64Array.from({ length: candidates.rows }, (_, j) => {
    const own = cosines.slice(j * labels, (j + 1) * labels).sort();
    const at = (rank / 100) * (labels - 1);
    const [low, high] = [own[Math.floor(at)]!, own[Math.ceil(at)]!];
    return low + (at - Math.floor(at)) * (high - low);
  });
}

function noNegatives(idLabels: number | undefined, rows: number): DetectorsError {
  return new DetectorsError('INVALID_OPTION', {
    where: 'neglabel: option idLabels',
    expected: `how many of the head's ${rows} rows, from the first, are ID labels, with negative ones behind them`,
    got: String(idLabels),
    advice:
      'put text embeddings of ID labels first and of other words behind them, and say how many are ID labels',
    details: { option: 'idLabels', rows },
  });
}
