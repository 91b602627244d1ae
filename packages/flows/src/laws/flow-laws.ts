import { createRandom } from '@ood/core';
import { expectThat } from '@ood/core/laws';
import type { Matrix } from '../contract/arrays.ts';
import { defineFlow } from '../contract/flow-model.ts';
import { standardNormal } from '../densities/standard-normal.ts';
import { createFlow, type Flow } from '../flow/flow.ts';
import { noPreparation } from '../preparations/none.ts';
import { expectNear } from './expect-near.ts';
import { randomWeights } from './random-weights.ts';
import type { Subject } from './subject.ts';

/** Magnitudes from the smallest float32 to the largest. */
const SIZES = [0, 1e-45, 1e-30, 1e-3, 1, 30, 1e4, 1e12, 1e30, 3.4e38];

/** What holds for a flow of this bijection and N(0, I), recorded as a graph and by TensorFlow.js alike. */
export function flowLaws({ bijection, rows, runtime }: Subject): Record<string, () => Promise<void>> {
  const { dim } = bijection;
  const model = defineFlow(noPreparation(dim), bijection, standardNormal(dim));
  const weights = () => randomWeights(model, 3);
  const both = async (use: (recorded: Flow, eager: Flow) => Promise<void>) => {
    const recorded = createFlow(model, weights(), { runtime, threads: 1 });
    const eager = createFlow(model, weights(), { engine: 'tfjs' });
    try {
      await use(recorded, eager);
    } finally {
      await Promise.all([recorded.close(), eager.close()]);
    }
  };
  return {
    'recorded equals eager: log-densities and the terms of their sum, latents, samples': () =>
      both(async (recorded, eager) => {
        const logProb = await recorded.logProb(rows, { batchSize: Math.ceil(rows.rows / 2) });
        expectNear(logProb, await eager.logProb(rows), 1e-4);
        expectNear((await recorded.transform(rows)).data, (await eager.transform(rows)).data, 1e-4);
        const [traced, wanted] = [await recorded.trace(rows), await eager.trace(rows)];
        for (const [i, { logDet }] of traced.layers.entries())
          expectNear(logDet, wanted.layers[i]!.logDet, 1e-4);
        const sums = traced.base.map((term, i) =>
          traced.layers.reduce((sum, { logDet }) => sum + logDet[i]!, term),
        );
        expectNear(logProb, sums, 1e-4);
        const drawn = (flow: Flow) => flow.sample(4, createRandom(2));
        expectNear((await drawn(recorded)).data, (await drawn(eager)).data, 1e-3);
      }),
    'gives finite rows of any magnitude a finite log-density': () =>
      both(async (...flows) => {
        const data = Float32Array.from(SIZES.flatMap(size => mixed(size, dim)));
        const extreme: Matrix = { rows: SIZES.length, cols: dim, data };
        for (const flow of flows) {
          const found = await flow.logProb(extreme);
          expectThat(found.every(Number.isFinite), 'finite log-densities', [...found]);
        }
      }),
  };
}

/** A row of one magnitude: both signs, something smaller, a zero. */
function mixed(size: number, dim: number): number[] {
  const entries = [size, -size, size / 3, 0];
  return Array.from({ length: dim }, (_, i) => entries[i % entries.length]!);
}
