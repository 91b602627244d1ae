import type { Session } from '@ood/onnx';
import type { Detector } from '../contract/detector.ts';
import type { Environment, Scorer } from '../contract/method.ts';
import { openSession } from '../contract/open-session.ts';
import { Formula, type Value } from '../formula/formula.ts';

export interface FusedScorerOptions {
  readonly parts: readonly Detector[];
  /** The fused score `[batch, 1]` of the parts' scores, each `[batch, 1]`. */
  readonly formula: (f: Formula, scores: readonly Value[]) => Value;
  readonly environment: Environment;
}

/** Scores rows by several detectors, then the scores by a formula in float64. */
export function fusedScorer({ parts, formula, environment }: FusedScorerOptions): Scorer {
  let opening: Promise<Session> | undefined;
  const open = () => {
    const f = new Formula('float64');
    const names = parts.map((_, i) => `score${i}`);
    const inputs = names.map(name => ({ name, cols: 1 }));
    const graph = f.finish(
      formula(
        f,
        names.map(name => ({ name })),
      ),
      { inputs, output: 'score' },
    );
    return openSession(graph, environment);
  };
  return {
    async score(rows, options) {
      const scores: Float64Array[] = [];
      for (const part of parts) scores.push(await part.score(rows, options));
      const count = rows.features.rows;
      if (count === 0) return new Float64Array(0);
      opening ??= open();
      const feeds = Object.fromEntries(
        scores.map((data, i) => [`score${i}`, { type: 'float64' as const, dims: [count, 1], data }]),
      );
      const { score } = await (await opening).run(feeds);
      return Float64Array.from(score.data as Float64Array);
    },
    async close() {
      await (await opening)?.close();
      for (const part of parts) await part.close();
    },
  };
}
