import { yieldToEventLoop } from '@ood/core';
import type { Runtime, Session } from '@ood/onnx';
import { silenceBackendBanner } from '@ood/onnx/record';
import * as tf from '@tensorflow/tfjs';
import { isChain } from '../bijections/chain.ts';
import { type Matrix, mapValues, toTensors, type Weights } from '../contract/arrays.ts';
import type { FlowModel } from '../contract/flow-model.ts';
import { defaultRuntime } from '../runtime/default-runtime.ts';
import { flowGraph, foldedFlow, type GraphKind } from './score-graph.ts';

interface BatchOptions {
  readonly batchSize: number;
  readonly signal?: AbortSignal;
}

/** Runs a flow's functions over rows, batch by batch; results by output name. */
export interface Evaluator {
  evaluate(kind: GraphKind, rows: Matrix, options: BatchOptions): Promise<Record<string, Float32Array>>;
  /** The layers of a trace, in its order. */
  layers(): readonly { readonly name: string; readonly kind: string }[];
  close(): Promise<void>;
}

export interface RecordedOptions {
  readonly runtime?: Runtime;
  readonly threads?: number;
}

/** Recorded graphs in a runtime, each made at its first use. Scoring graphs are folded, a trace's is not. */
export function recordedEvaluator(
  model: FlowModel,
  weights: Weights,
  { runtime, threads }: RecordedOptions,
): Evaluator {
  const sessions = new Map<GraphKind, Promise<Session>>();
  const open = async (kind: GraphKind): Promise<Session> => {
    const engine = runtime ?? (await defaultRuntime());
    const folds = kind === 'logProb' || kind === 'transform';
    const used = folds ? await foldedFlow(model, weights, engine) : { model, weights };
    return engine.createSession(flowGraph(used.model, used.weights, kind).bytes, { threads });
  };
  const sessionFor = (kind: GraphKind) => {
    const known = sessions.get(kind) ?? open(kind);
    sessions.set(kind, known);
    known.catch(() => sessions.delete(kind));
    return known;
  };
  return {
    async evaluate(kind, rows, options) {
      const session = await sessionFor(kind);
      return inBatches(rows, options, async ({ rows: count, cols, data }) => {
        const results = await session.run({ x: { type: 'float32', dims: [count, cols], data } });
        return Object.fromEntries(
          Object.entries(results).map(([name, { data }]) => [name, data as Float32Array]),
        );
      });
    },
    layers: () => layersOf(model),
    async close() {
      const opened = await Promise.allSettled(sessions.values());
      sessions.clear();
      for (const result of opened) if (result.status === 'fulfilled') await result.value.close();
    },
  };
}

/** Eagerly on the active TensorFlow.js backend; the weights stay there until `close`. */
export function eagerEvaluator(model: FlowModel, { parameters, constants }: Weights): Evaluator {
  let tensors: Record<string, tf.Tensor> | undefined;
  return {
    async evaluate(kind, rows, options) {
      if (!tensors) {
        silenceBackendBanner();
        await tf.ready();
      }
      tensors ??= toTensors({ ...parameters, ...constants });
      const t = tensors;
      return inBatches(rows, options, async batch => {
        // Cloned: an output may be a weight itself, which must outlive it.
        const results = tf.tidy(() =>
          mapValues(outputsOf(model, t, kind, batch), result => tf.clone(result)),
        );
        try {
          const entries = Object.entries(results).map(
            async ([name, result]) => [name, await result.data()] as const,
          );
          return Object.fromEntries(await Promise.all(entries)) as Record<string, Float32Array>;
        } finally {
          tf.dispose(results);
        }
      });
    },
    layers: () => layersOf(model),
    async close() {
      if (tensors) tf.dispose(tensors);
      tensors = undefined;
    },
  };
}

function outputsOf(
  model: FlowModel,
  t: Record<string, tf.Tensor>,
  kind: GraphKind,
  { rows, cols, data }: Matrix,
): Record<string, tf.Tensor> {
  const x = tf.tensor2d(data, [rows, cols]);
  if (kind === 'invert') return { y: model.invert(t, x) };
  const prepared = model.prepare(t, x);
  if (kind === 'logProb') return { y: model.logProb(t, prepared) };
  if (kind === 'transform') return { y: model.transform(t, prepared) };
  const { base, layers } = model.trace(t, prepared);
  return { base, ...Object.fromEntries(layers.map(({ logDet }, i) => [`layer.${i}`, logDet])) };
}

function layersOf({ bijection }: FlowModel): { name: string; kind: string }[] {
  const links = isChain(bijection) ? bijection.links : [bijection];
  return links.map(({ kind }, i) => ({ name: `${i}.${kind}`, kind }));
}

/** Results of all batches, one after the other. A result without a row dimension is repeated for each row. */
async function inBatches(
  { rows, cols, data }: Matrix,
  { batchSize, signal }: BatchOptions,
  run: (batch: Matrix) => Promise<Record<string, Float32Array>>,
): Promise<Record<string, Float32Array>> {
  const collected = new Map<string, Float32Array>();
  for (let start = 0; start < rows; start += batchSize) {
    if (start > 0) await yieldToEventLoop();
    signal?.throwIfAborted();
    const count = Math.min(batchSize, rows - start);
    const results = await run({
      rows: count,
      cols,
      data: data.subarray(start * cols, (start + count) * cols),
    });
    for (const [name, values] of Object.entries(results)) {
      const perRow = values.length % count === 0 ? values.length / count : 0;
      const all = collected.get(name) ?? new Float32Array(rows * Math.max(perRow, 1));
      collected.set(name, all);
      if (perRow === 0) all.fill(values[0]!, start, start + count);
      else all.set(values, start * perRow);
    }
  }
  return Object.fromEntries(collected);
}
