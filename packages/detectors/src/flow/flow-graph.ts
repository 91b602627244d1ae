import { type Matrix, throwIfAborted } from '@ood/core';
import { decodeModel, encodeModel, graphOf, renameTensors, type Session } from '@ood/onnx';
import type { Environment } from '../contract/environment.ts';
import type { Fitted, NumericArray, Scorer } from '../contract/method.ts';
import { openModelSession } from '../contract/open-session.ts';
import { float32 } from './float32.ts';
import { GRAPH } from './stored-flow.ts';

const ROWS_AT_ONCE = 1024;

/** A stored graph of a flow that computes; close it when done. */
export interface FlowGraph {
  /** Its output for all rows: one number, or one latent, for each. */
  run(features: Matrix, options?: { readonly signal?: AbortSignal | undefined }): Promise<Float32Array>;
  close(): Promise<void>;
}

/** Opens with the first rows. */
export function openFlowGraph({ data: model }: NumericArray, environment: Environment): FlowGraph {
  let opening: Promise<Session> | undefined;
  return {
    async run(features, { signal } = {}) {
      const { rows, cols, data } = float32(features);
      if (rows === 0) return new Float32Array(0);
      opening ??= openModelSession(model as Uint8Array, environment);
      const session = await opening;
      let all = new Float32Array(0);
      for (let start = 0; start < rows; start += ROWS_AT_ONCE) {
        throwIfAborted('score', signal);
        const end = Math.min(rows, start + ROWS_AT_ONCE);
        const block = data.subarray(start * cols, end * cols);
        const { [GRAPH.output]: result } = await session.run({
          [GRAPH.input]: { type: 'float32', dims: [end - start, cols], data: block },
        });
        const values = result!.data as Float32Array;
        const width = values.length / (end - start);
        if (all.length === 0) all = new Float32Array(rows * width);
        all.set(values, start * width);
      }
      return all;
    },
    close: async () => (await opening)?.close(),
  };
}

/** The graph as a model of its own, its input under another name. */
export function flowModel({ data }: NumericArray, input: string): Uint8Array {
  const model = decodeModel(data as Uint8Array);
  const graph = renameTensors(graphOf(model), name => (name === GRAPH.input ? input : name));
  return encodeModel({ ...model, graph });
}

/** Scores rows by −log p under the stored graph of a flow. */
export function flowScorer({ scoring }: Fitted['arrays'], environment: Environment): Scorer {
  const graph = openFlowGraph(scoring!, environment);
  return {
    score: async ({ features }, options) =>
      Float64Array.from(await graph.run(features, options), value => -value),
    close: graph.close,
  };
}
