import type { Flow } from '@ood/flows';
import type { Scorer } from '../contract/method.ts';
import { float32 } from './float32.ts';

/** Scores rows by −log p under a flow, which opens with the first of them. */
export function flowScorer(open: () => Promise<Flow>): Scorer {
  let opening: Promise<Flow> | undefined;
  return {
    score: async ({ features }, { signal }) => {
      opening ??= open();
      const logProb = await (await opening).logProb(float32(features), { signal });
      return logProb.map(value => -value);
    },
    close: async () => (await opening)?.close(),
  };
}
