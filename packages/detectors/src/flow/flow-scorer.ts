import type { Environment } from '../contract/environment.ts';
import type { Fitted, Scorer } from '../contract/method.ts';
import { openFlowGraph } from './flow-graph.ts';

/** Scores rows by −log p under the stored graph of a flow. */
export function flowScorer({ scoring }: Fitted['arrays'], environment: Environment): Scorer {
  const graph = openFlowGraph(scoring!, environment);
  return {
    score: async ({ features }, options) =>
      Float64Array.from(await graph.run(features, options), value => -value),
    close: graph.close,
  };
}
