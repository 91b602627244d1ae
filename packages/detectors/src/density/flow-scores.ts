import type { Matrix } from '@ood/core';
import type { Environment } from '../contract/environment.ts';
import type { Scorer } from '../contract/method.ts';
import { float32 } from '../flow/float32.ts';
import { storedFlow } from '../flow/stored-flow.ts';
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

export async function flowScores(part: DensityPart, environment: Environment): Promise<FlowScores> {
  const { arrays, neighbor, organized } = part;
  const flow = await storedFlow(arrays, environment);
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
      const rows = float32(features);
      const logProb = await flow.logProb(rows, { signal });
      const query: Matrix = organized ? await flow.transform(rows, { signal }) : features;
      const scored = { features: query, logits: { rows: 0, cols: 0, data: new Float64Array(0) } };
      return { model: logProb.map(value => -value), neighbors: await neighbors.score(scored, { signal }) };
    },
    async close() {
      await neighbors.close();
      await flow.close();
    },
  };
}
