import type { Environment } from '../contract/environment.ts';
import type { NumericArray } from '../contract/method.ts';
import { Formula, type Value } from '../formula/formula.ts';
import { formulaScorer } from '../formula/formula-method.ts';
import { unitRows } from '../formula/terms.ts';
import { closedForm, mapped } from './closed-form.ts';
import type { References } from './joined-evidence.ts';
import { neighborDistance } from './local-density.ts';

type Arrays = Readonly<Record<string, NumericArray>>;

/** A model of the rows and a bank of them, before their evidence is joined. */
export interface DensityPart {
  /** Of the closed form, or `flow`; and `bank`. */
  readonly arrays: Arrays;
  readonly neighbor: number;
  /** Whether neighbors are sought in the closed form's metric, or the flow's latent, instead of among unit rows. */
  readonly organized: boolean;
}

/** Both scores of features, by the closed form. */
export function closedScores(
  f: Formula,
  features: Value,
  { arrays, neighbor, organized }: DensityPart,
): { readonly model: Value; readonly neighbors: Value } {
  const unit = unitRows(f, features);
  const query = organized ? f.multiply(mapped(f, unit, arrays), f.constant(arrays.metric!)) : unit;
  return {
    model: closedForm(f, unit, arrays),
    neighbors: neighborDistance(f, query, { bank: arrays.bank!, neighbor }),
  };
}

/** Both scores of rows that the part was not fitted on. */
export async function scoreClosed(
  part: DensityPart,
  features: { readonly rows: number; readonly cols: number; readonly data: Float64Array },
  environment: Environment,
): Promise<References> {
  const run = async (kind: 'model' | 'neighbors') => {
    const graph = () => {
      const f = new Formula('float64');
      const score = closedScores(f, { name: 'features' }, part)[kind];
      return f.finish(score, { inputs: [{ name: 'features', cols: features.cols }], output: 'score' });
    };
    const scorer = formulaScorer(['features'], graph, environment, { widest: part.arrays.bank!.shape[0]! });
    const scores = await scorer.score({ features, logits: NONE }, {});
    await scorer.close();
    return scores;
  };
  return { model: await run('model'), neighbors: await run('neighbors') };
}

const NONE = { rows: 0, cols: 0, data: new Float64Array(0) };
