import type { Matrix } from '@ood/core';
import type { Environment } from '../contract/environment.ts';
import type { Scorer } from '../contract/method.ts';
import { openFlowGraph } from '../flow/flow-graph.ts';
import { Formula } from '../formula/formula.ts';
import { formulaScorer } from '../formula/formula-method.ts';
import { unitRows } from '../formula/terms.ts';
import type { DensityPart } from './density-part.ts';
import type { References } from './joined-evidence.ts';
import { neighborDistance } from './local-density.ts';

/** Both scores of features by a flow and a bank; close it when done. */
export interface FlowScores {
  both(features: Matrix, options?: { readonly signal?: AbortSignal | undefined }): Promise<References>;
  close(): Promise<void>;
}

export function flowScores(part: DensityPart, environment: Environment): FlowScores {
  const { arrays, neighbor, organized } = part;
  const model = openFlowGraph(arrays.scoring!, environment);
  const latent = organized ? openFlowGraph(arrays.latent!, environment) : undefined;
  const bank = arrays.bank!;
  const cols = bank.shape[1]!;
  const graph = () => {
    const f = new Formula('float64');
    const rows = { name: 'features' };
    const query = organized ? rows : unitRows(f, rows);
    return f.finish(neighborDistance(f, query, { bank, neighbor }), {
      inputs: [{ name: 'features', cols }],
      output: 'score',
    });
  };
  const neighbors: Scorer = formulaScorer(['features'], graph, environment, { widest: bank.shape[0]! });
  return {
    async both(features, { signal } = {}) {
      const logProb = await model.run(features, { signal });
      const query: Matrix = latent
        ? { rows: features.rows, cols, data: await latent.run(features, { signal }) }
        : features;
      const scored = { features: query, logits: { rows: 0, cols: 0, data: new Float64Array(0) } };
      return {
        model: Float64Array.from(logProb, value => -value),
        neighbors: await neighbors.score(scored, { signal }),
      };
    },
    async close() {
      await neighbors.close();
      await model.close();
      await latent?.close();
    },
  };
}
