import type { Session } from '@ood/onnx';
import type { Environment } from '../contract/environment.ts';
import type { AnyMethod, Fitted, Scorer } from '../contract/method.ts';
import { openSession } from '../contract/open-session.ts';
import { Formula } from '../formula/formula.ts';
import { fuse } from './fuse.ts';
import { openParts } from './parts.ts';

export interface FusedScorerOptions {
  /** Methods that a part may be of. */
  readonly known: readonly AnyMethod[];
  /** The fitted components and their p-value scales. */
  readonly arrays: Fitted['arrays'];
  readonly evidenceWeight: number;
  readonly environment: Environment;
}

/** Scores rows by several detectors, then fuses the scores in float64. */
export function fusedScorer({ known, arrays, evidenceWeight, environment }: FusedScorerOptions): Scorer {
  const parts = openParts(arrays, known, environment);
  let opening: Promise<Session> | undefined;
  const open = () => {
    const f = new Formula('float64');
    const inputs = parts.map((_, i) => ({ name: `score${i}`, cols: 1 }));
    const score = fuse(f, inputs, arrays, evidenceWeight);
    return openSession(f.finish(score, { inputs, output: 'score' }), environment);
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
      return Float64Array.from(score!.data as Float64Array);
    },
    async close() {
      await (await opening)?.close();
      for (const part of parts) await part.close();
    },
  };
}
