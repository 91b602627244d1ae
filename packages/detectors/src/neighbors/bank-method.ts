import { count, portion, whole } from '@ood/core';
import type { Method, NumericArray } from '../contract/method.ts';
import type { Need, Reading } from '../contract/rows.ts';
import type { Formula, Value } from '../formula/formula.ts';
import { type Bank, type BankOptions, collectBank, foundBank } from './bank.ts';
import { bankGraph } from './bank-graph.ts';
import { bankOf, type Query, searchScorer } from './search.ts';

export type NeighborOptions = {
  /** Neighbors looked at. */
  readonly k: number;
  /** Share of the ID rows to compare with, drawn at random. Default 1. */
  readonly bankShare: number;
  /** Seed of that draw. Default 1. */
  readonly seed: number;
};

/** A method whose score follows from the nearest rows of a bank: searched to score, a graph over the whole bank to export. */
export interface BankSpecification<N extends Need>
  extends Pick<Method<NeighborOptions, N>, 'name' | 'title' | 'paper' | 'needs' | 'reads'>,
    Pick<BankOptions, 'weight'> {
  /** Default of `k`. */
  readonly k: number;
  /** The score of a row, in float64, from the candidates of the search. */
  score(query: Query, bank: Bank, k: number): number;
  /** The same as a graph; `bank` `[rows, d]` is scaled. */
  formula(f: Formula, rows: Readonly<Record<Reading, Value>>, bank: NumericArray, k: number): Value;
}

export function bankMethod<N extends Need>(specification: BankSpecification<N>): Method<NeighborOptions, N> {
  const { name, title, paper, needs, reads, weight, k: usual } = specification;
  return {
    name,
    title,
    paper,
    needs,
    reads,
    defaults: { k: usual, bankShare: 1, seed: 1 },
    rules: { k: whole, bankShare: portion, seed: count },
    stores: ({ options: { k } }) => ({
      arrays: { bank: ['rows', 'features'], scales: ['rows'] },
      atLeast: { rows: k },
    }),
    fit: async (training, { k, bankShare: share, seed }) =>
      foundBank(await collectBank(training, { share, seed, k, ...(weight && { weight }) })),
    open: (fitted, environment) => {
      const { k } = fitted.options;
      return searchScorer(fitted, environment, (query, bank) => specification.score(query, bank, k));
    },
    toOnnx: async (fitted, names) => {
      const bank = bankOf(fitted);
      const widths = { ...fitted.widths, features: bank.dim };
      const inputs = reads.map(reading => ({ name: names[reading], cols: widths[reading] }));
      return bankGraph(bank, { where: name, inputs, names }, (f, rows, table) =>
        specification.formula(f, rows, table, fitted.options.k),
      );
    },
  };
}
