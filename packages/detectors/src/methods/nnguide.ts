import type { Detector } from '../contract/detector.ts';
import { type FitOptions, fitMethod } from '../contract/fit.ts';
import type { Method } from '../contract/method.ts';
import { requireCount, requireShare } from '../contract/options.ts';
import type { TrainingSource } from '../contract/rows.ts';
import { unitRows } from '../formula/terms.ts';
import { collectBank, foundBank } from '../neighbours/bank.ts';
import { bankGraph } from '../neighbours/bank-graph.ts';
import { bankOf, searchScorer } from '../neighbours/search.ts';

export type NnguideOptions = {
  /** Neighbours averaged over. Default 10. */
  readonly k: number;
  /** Share of the ID rows to compare with, drawn at random. Default 1 (the paper's 1 % is for ImageNet). */
  readonly bankShare: number;
  /** Seed of that draw. Default 1. */
  readonly seed: number;
};

/** Score = −E(l) · mean of the k largest E(l_i) ⟨f_i/|f_i|, f/|f|⟩ over the ID rows, E = log Σ exp (Park, Jung and Teoh, 2023). */
export const nnguide: Method<NnguideOptions> = {
  name: 'nnguide',
  title: 'NNGuide',
  paper: 'Park, Jung and Teoh, 2023: Nearest neighbor guidance for out-of-distribution detection',
  needs: ['features', 'logits'],
  reads: ['features', 'logits'],
  defaults: { k: 10, bankShare: 1, seed: 1 },
  check: ({ k, bankShare }) => {
    requireCount('nnguide', 'k', k);
    requireShare('nnguide', 'bankShare', bankShare);
  },
  fit: async (training, { k, bankShare, seed }) =>
    foundBank(await collectBank(training, { share: bankShare, seed, k, weight: logSumExp })),
  open: (fitted, environment) => {
    const { k } = fitted.options;
    return searchScorer(fitted, environment, ({ row, values, scale, candidates }, bank, { cols, data }) => {
      const { rows, scales, dim } = bank;
      const similar = new Float64Array(candidates.length);
      candidates.forEach((candidate, c) => {
        let sum = 0;
        for (let i = 0, at = candidate * dim; i < dim; i++, at++) sum += values[i] * rows[at];
        similar[c] = sum * scale * scales[candidate];
      });
      similar.sort();
      let mean = 0;
      for (let c = similar.length - k; c < similar.length; c++) mean += similar[c] / k;
      return -mean * logSumExp(data.subarray(row * cols, (row + 1) * cols));
    });
  },
  toOnnx: async (fitted, names) => {
    const bank = bankOf(fitted);
    const inputs = [
      { name: names.features, cols: bank.dim },
      { name: names.logits, cols: fitted.widths.logits },
    ];
    return bankGraph(bank, { where: 'nnguide', inputs, names }, (f, { features, logits }, rows) => {
      const similarities = f.matMul(unitRows(f, features), f.transpose(f.constant(rows), [1, 0]));
      const { k } = fitted.options;
      const mean = f.divide(f.sum(f.topValues(similarities, k)), k);
      return f.negate(f.multiply(mean, f.logSumExp(logits)));
    });
  },
};

/** Fits NNGuide: keeps the ID rows, or a share of them. Needs features and logits. */
export function fitNnguide(
  source: TrainingSource,
  options: FitOptions<NnguideOptions> = {},
): Promise<Detector> {
  return fitMethod(nnguide, source, options);
}

function logSumExp(logits: ArrayLike<number>): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < logits.length; i++) if (logits[i] > largest) largest = logits[i];
  let sum = 0;
  for (let i = 0; i < logits.length; i++) sum += Math.exp(logits[i] - largest);
  return largest + Math.log(sum);
}
