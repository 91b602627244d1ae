import { createRandom } from '@ood/core';
import { expect, it } from 'vitest';
import { actNorm, createFlow, defineFlow, noPreparation, standardNormal } from '../src/index.ts';

// Any console call fails a test; tfjs greets at the first use of its CPU backend, which must be here.
it('eager scoring prints nothing', async () => {
  const model = defineFlow(noPreparation(2), actNorm(2), standardNormal(2));
  const flow = createFlow(model, model.initialize(createRandom(1)), { engine: 'tfjs' });
  const scores = await flow.logProb({ rows: 1, cols: 2, data: new Float32Array(2) });
  expect(scores[0]).toBeCloseTo(-Math.log(2 * Math.PI), 5);
  await flow.close();
});
