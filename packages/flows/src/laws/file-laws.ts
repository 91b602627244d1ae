import { isOodError, sliceRows } from '@ood/core';
import { expectEqual } from '@ood/core/laws';
import { defineFlow } from '../contract/flow-model.ts';
import { standardNormal } from '../densities/standard-normal.ts';
import { createFlow, type Flow } from '../flow/flow.ts';
import { decodeFlow, encodeFlow } from '../persistence/flow-file.ts';
import { toOnnx } from '../persistence/to-onnx.ts';
import { noPreparation } from '../preparations/none.ts';
import { defaultRuntime } from '../runtime/default-runtime.ts';
import { expectNear } from './expect-near.ts';
import { randomWeights } from './random-weights.ts';
import type { Subject } from './subject.ts';

/** What holds for files of a flow of this bijection and N(0, I). */
export function fileLaws({ bijection, rows, build, runtime }: Subject): Record<string, () => Promise<void>> {
  const { dim, kind } = bijection;
  const model = defineFlow(noPreparation(dim), bijection, standardNormal(dim));
  const custom = build && { bijections: { [kind]: build } };
  const using = async (use: (flow: Flow) => Promise<void>) => {
    const flow = createFlow(model, randomWeights(model, 8), { runtime, threads: 1 });
    try {
      await use(flow);
    } finally {
      await flow.close();
    }
  };
  return {
    'saved and loaded, it scores the same and saves the same bytes': () =>
      using(async flow => {
        const bytes = encodeFlow(flow);
        const again = decodeFlow(bytes, { ...custom, runtime, threads: 1 });
        expectEqual([...(await again.logProb(rows))], [...(await flow.logProb(rows))]);
        expectEqual(encodeFlow(again), bytes);
        await again.close();
      }),
    'exports a graph that agrees for any batch size, or says that it cannot': () =>
      using(async flow => {
        let model: Uint8Array;
        try {
          model = await toOnnx(flow);
        } catch (error) {
          if (isOodError(error, 'NOT_EXPORTABLE')) return;
          throw error;
        }
        const session = await (runtime ?? (await defaultRuntime())).createSession(model, { threads: 1 });
        const wanted = await flow.logProb(rows);
        for (const count of [rows.rows, 1]) {
          const { data } = sliceRows(rows, 0, count);
          const features = { type: 'float32' as const, dims: [count, dim], data: Float32Array.from(data) };
          const { log_prob } = await session.run({ features });
          expectNear(log_prob!.data as Float32Array, wanted.subarray(0, count), 1e-4);
        }
        await session.close();
      }),
  };
}
