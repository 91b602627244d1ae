import { firstColumns, type Matrix, sliceRows } from '@ood/core';
import type { Detector } from '@ood/detectors';
import type { Head } from '@ood/features';
import { decodeModel, makeGraph, makeModel, makeNode, openModel, type Runtime, type Tensor } from '@ood/onnx';
import { OUTPUTS } from '../graph/output-names.ts';
import type { FeatureRows } from './rows.ts';

/** Rows that the runtime takes at once. */
const BLOCK = 512;

export interface RowScorer {
  /** float32 scores, as the exported graph computes them. */
  score(rows: FeatureRows): Promise<Float32Array>;
  close(): Promise<void>;
}

/** Scores extracted rows in the detector's float32 graph; by the detector itself where it has none. */
export async function openRowScorer(
  detector: Detector,
  graph: Uint8Array | undefined,
  runtime: Runtime,
): Promise<RowScorer> {
  if (graph === undefined) {
    return { score: async rows => Float32Array.from(await detector.score(rows)), close: async () => {} };
  }
  const session = await openModel(runtime, decodeModel(graph));
  const names = session.inputs.map(input => input.name as 'features' | 'logits');
  return {
    async score(rows) {
      const scores = new Float32Array(rows.features.rows);
      for (let start = 0; start < scores.length; start += BLOCK) {
        const end = Math.min(scores.length, start + BLOCK);
        const feeds = Object.fromEntries(names.map(name => [name, tensorOf(rows[name]!, start, end)]));
        scores.set((await session.run(feeds))[OUTPUTS.score]!.data as Float32Array, start);
      }
      return scores;
    },
    close: () => session.close(),
  };
}

/** Gives rows without logits those of the head, W f + b; others it hands back. */
export interface HeadLogits {
  complete(rows: FeatureRows): Promise<FeatureRows>;
  close(): Promise<void>;
}

/** The logits of a head, or of none. */
export async function openHeadLogits(head: Head | undefined, runtime: Runtime): Promise<HeadLogits> {
  if (head === undefined) return { complete: async rows => rows, close: async () => {} };
  const { rows: classes, cols } = head.weights;
  const graph = makeGraph('head', {
    inputs: [{ name: 'features', type: 'float32', dims: ['batch', cols] }],
    outputs: [{ name: 'logits', type: 'float32', dims: ['batch', classes] }],
    nodes: [
      makeNode('Gemm', { inputs: ['features', 'W', 'b'], outputs: ['logits'], attributes: { transB: 1n } }),
    ],
    initializers: {
      W: { type: 'float32', dims: [classes, cols], data: Float32Array.from(head.weights.data) },
      b: { type: 'float32', dims: [classes], data: Float32Array.from(head.bias) },
    },
  });
  const session = await openModel(runtime, makeModel(graph));
  return {
    async complete(rows) {
      if (rows.logits !== undefined || rows.features.rows === 0) return rows;
      const read = firstColumns(rows.features, cols);
      const outputs = await session.run({ features: tensorOf(read, 0, read.rows) });
      const logits = { rows: rows.features.rows, cols: classes, data: outputs.logits!.data as Float32Array };
      return { ...rows, logits };
    },
    close: () => session.close(),
  };
}

function tensorOf(matrix: Matrix, start: number, end: number): Tensor {
  const { rows, cols, data } = sliceRows(matrix, start, end);
  return {
    type: 'float32',
    dims: [rows, cols],
    data: data instanceof Float32Array ? data : Float32Array.from(data),
  };
}
