import { throwIfAborted } from '@ood/core';
import type { GraphProto, Session } from '@ood/onnx';
import { defineMethod } from '../contract/define-method.ts';
import type { Environment } from '../contract/environment.ts';
import type { Fitted, Method, MethodOptions, Scorer } from '../contract/method.ts';
import { openSession } from '../contract/open-session.ts';
import type { Need, Reading } from '../contract/rows.ts';
import { exportedModel } from './exported-model.ts';
import { Formula, type Value } from './formula.ts';

/** Numbers in one block of rows while scoring. */
const BLOCK_NUMBERS = 1 << 20;

/** A method whose score is a formula of one row: written once, run in float64 to score, exported in float32. */
export interface FormulaSpecification<Options extends object, N extends Need = Need>
  extends Omit<Method<Options, N>, 'open' | 'toOnnx'> {
  /** The score `[batch, 1]` from the matrices that the method reads. */
  formula(f: Formula, rows: Readonly<Record<Reading, Value>>, fitted: Fitted<Options>): Value;
}

export function formulaMethod<Options extends object = MethodOptions, N extends Need = Need>(
  specification: FormulaSpecification<Options, N>,
): Method<Options, N> {
  const { formula, ...rest } = specification;
  const graphOf = (
    fitted: Fitted<Options>,
    precision: 'float64' | 'float32',
    names: Readonly<Record<Reading | 'score', string>>,
  ): GraphProto => {
    const f = new Formula(precision);
    const inputs = rest.reads.map(reading => ({ name: names[reading], cols: fitted.widths[reading] }));
    const score = formula(f, { features: { name: names.features }, logits: { name: names.logits } }, fitted);
    return f.finish(score, { inputs, output: names.score });
  };
  return defineMethod({
    ...rest,
    open: (fitted, environment) =>
      formulaScorer(
        rest.reads,
        () => graphOf(fitted, 'float64', { features: 'features', logits: 'logits', score: 'score' }),
        environment,
      ),
    toOnnx: async (fitted, names) => exportedModel(graphOf(fitted, 'float32', names), names.opset),
  });
}

/** Runs a float64 graph over blocks of rows; the session opens with the first. `widest`: columns of its widest value beside the inputs. */
export function formulaScorer(
  reads: readonly Reading[],
  graph: () => GraphProto,
  environment: Environment,
  { widest: inside = 1 }: { readonly widest?: number } = {},
): Scorer {
  let opening: Promise<Session> | undefined;
  return {
    async score(rows, { signal }) {
      const matrices = reads.map(reading => ({ reading, ...rows[reading] }));
      const count = matrices[0]!.rows;
      const widest = Math.max(inside, ...matrices.map(({ cols }) => cols));
      const step = Math.max(1, Math.floor(BLOCK_NUMBERS / widest));
      const scores = new Float64Array(count);
      if (count === 0) return scores;
      opening ??= openSession(graph(), environment);
      const session = await opening;
      for (let start = 0; start < count; start += step) {
        throwIfAborted('score', signal);
        const end = Math.min(count, start + step);
        const feeds = Object.fromEntries(
          matrices.map(({ reading, cols, data }) => [
            reading,
            {
              type: 'float64' as const,
              dims: [end - start, cols],
              data: new Float64Array(data.subarray(start * cols, end * cols)),
            },
          ]),
        );
        const { score } = await session.run(feeds);
        scores.set(score!.data as Float64Array, start);
      }
      return scores;
    },
    async close() {
      await (await opening)?.close();
    },
  };
}
