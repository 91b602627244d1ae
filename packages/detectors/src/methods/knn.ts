import type { Detector } from '../contract/detector.ts';
import { fitMethod } from '../contract/fit.ts';
import type { FitOptions, SourceWith } from '../contract/fit-arguments.ts';
import { unitRows } from '../formula/terms.ts';
import type { Bank } from '../neighbors/bank.ts';
import { bankMethod, type NeighborOptions } from '../neighbors/bank-method.ts';
import type { Query } from '../neighbors/search.ts';
import { nthLargest } from '../neighbors/select-largest.ts';

/** `k`: which neighbor's distance is the score. Default 50 (the paper's for CIFAR; 1000 for all of ImageNet, 10 for 1 % of it). */
export type KnnOptions = NeighborOptions;

/** Distance to the k-th nearest ID training row, both l2-normalized (Sun et al., 2022). */
export const knn = bankMethod({
  name: 'knn',
  title: 'KNN',
  paper: 'Sun, Ming, Zhu and Li, 2022: Out-of-distribution detection with deep nearest neighbors',
  needs: ['features'],
  reads: ['features'],
  k: 50,
  score: kthDistance,
  formula: (f, { features }, bank, k) => {
    const query = unitRows(f, features);
    const table = f.constant(bank);
    const similarities = f.matMul(query, f.transpose(table, [1, 0]));
    return f.norm(f.subtract(query, f.rowOfRank(table, similarities, k)));
  },
});

/** Fits KNN: keeps the ID rows, or a share of them. Needs features. */
export function fitKnn(
  source: SourceWith<'features'>,
  options: FitOptions<KnnOptions> = {},
): Promise<Detector> {
  return fitMethod(knn, source, options);
}

/** The k-th smallest distance: exact for the candidates that float32 leaves in doubt, and only they are looked at. */
function kthDistance(query: Query, bank: Bank, k: number): number {
  const { candidates, similarities, error } = query;
  const kth = nthLargest(similarities.slice(), k);
  let nearer = 0;
  const squared: number[] = [];
  for (let c = 0; c < candidates.length; c++) {
    if (similarities[c]! > kth + 2 * error) nearer++;
    else if (similarities[c]! >= kth - 2 * error) squared.push(squaredDistance(query, bank, candidates[c]!));
  }
  return Math.sqrt(squared.sort((a, b) => a - b)[k - 1 - nearer]!);
}

function squaredDistance({ values, scale }: Query, { rows, scales, dim }: Bank, candidate: number): number {
  const own = scales[candidate]!;
  let sum = 0;
  for (let i = 0, at = candidate * dim; i < dim; i++, at++) {
    const difference = values[i]! * scale - rows[at]! * own;
    sum += difference * difference;
  }
  return sum;
}
