import { anything, having, oneOf, type Random, requireOptions, whole, wholeFrom } from '@ood/core';
import type { Runtime } from '@ood/onnx';
import { type Json, type Matrix, requireWeights, scopeWeights, type Weights } from '../contract/arrays.ts';
import type { FlowModel } from '../contract/flow-model.ts';
import { requireRows } from '../contract/input-rows.ts';
import { FlowsError } from '../errors.ts';
import { type Evaluator, eagerEvaluator, recordedEvaluator } from './evaluators.ts';

export interface FlowOptions {
  /** `'onnx'`: recorded graphs in a runtime. `'tfjs'`: eagerly on the active TensorFlow.js backend. Default: `'onnx'`. */
  readonly engine?: 'onnx' | 'tfjs';
  /** Default: onnxruntime-node. */
  readonly runtime?: Runtime;
  /** Threads of the runtime. Default: its own choice. */
  readonly threads?: number;
  /** What is worth knowing of its making: preset, training, data. Saved with the flow. Default: null. */
  readonly about?: Json;
}

export interface ScoringOptions {
  /** Rows at a time. Default: 1024. */
  readonly batchSize?: number;
  readonly signal?: AbortSignal;
}

/** The terms of log p, each with one number per row, in nats: log p = base + Σ layers. */
export interface Explanation {
  readonly base: Float64Array;
  readonly layers: readonly { readonly name: string; readonly kind: string; readonly logDet: Float64Array }[];
}

const FLOW_OPTIONS = {
  engine: oneOf('onnx', 'tfjs'),
  runtime: having('a runtime', 'createSession'),
  threads: whole,
  about: anything,
};

const SCORING_OPTIONS = { batchSize: whole, signal: having('an AbortSignal', 'throwIfAborted') };

/** What no rows give. */
const none = new Float32Array(0);

/** A flow with its weights, ready to score. May hold native memory: call `close()` when done. */
export interface Flow {
  readonly model: FlowModel;
  readonly weights: Weights;
  readonly about: Json;
  /** log p of raw features in nats; never NaN for finite features. */
  logProb(features: Matrix, options?: ScoringOptions): Promise<Float64Array>;
  /** Latents of raw features, `[rows, model.dim]`. */
  transform(features: Matrix, options?: ScoringOptions): Promise<Matrix>;
  /** Where the log-densities come from. */
  trace(features: Matrix, options?: ScoringOptions): Promise<Explanation>;
  /** Draws from the density, as prepared rows `[count, model.dim]` (a preparation cannot be undone). */
  sample(count: number, rng: Random, options?: ScoringOptions): Promise<Matrix>;
  /** Waits for what still runs, then frees what the flow holds; it cannot be used after. */
  close(): Promise<void>;
}

/**
 * The flow of a model and its weights.
 *
 * @throws FlowsError `BAD_WEIGHTS` where they do not fit each other or are not finite, `INVALID_OPTION`; its functions throw `WRONG_SHAPE`, `INVALID_OPTION`,
 *   `NON_FINITE` and, after `close`, `CLOSED`.
 */
export function createFlow(model: FlowModel, weights: Weights, options: FlowOptions = {}): Flow {
  requireOptions('createFlow', options, FLOW_OPTIONS);
  requireWeights('createFlow', weights, model);
  const { engine = 'onnx', about = null, ...rest } = options;
  const evaluator: Evaluator =
    engine === 'onnx' ? recordedEvaluator(model, weights, rest) : eagerEvaluator(model, weights);
  let closed = false;
  const running = new Set<Promise<unknown>>();
  const evaluate = async (
    kind: Parameters<Evaluator['evaluate']>[0],
    rows: Matrix,
    scoring: ScoringOptions,
  ) => {
    if (closed) throw closedError(kind);
    requireOptions(kind, scoring, SCORING_OPTIONS);
    requireRows(kind, rows, kind === 'invert' ? model.dim : model.inputDim);
    const { batchSize = 1024, signal } = scoring;
    const work = evaluator.evaluate(kind, rows, { batchSize, signal });
    running.add(work);
    return work.finally(() => running.delete(work));
  };
  const matrix = (rows: number, data: Float32Array): Matrix => ({ rows, cols: model.dim, data });
  return {
    model,
    weights,
    about,
    async logProb(features, scoring = {}) {
      const { y } = await evaluate('logProb', features, scoring);
      return Float64Array.from(y ?? none);
    },
    async transform(features, scoring = {}) {
      const { y } = await evaluate('transform', features, scoring);
      return matrix(features.rows, y ?? none);
    },
    async trace(features, scoring = {}) {
      const { base, ...layers } = await evaluate('trace', features, scoring);
      const links = evaluator.layers();
      return {
        base: Float64Array.from(base ?? none),
        layers: links.map(({ name, kind }, i) => ({
          name,
          kind,
          logDet: Float64Array.from(layers[`layer.${i}`] ?? none),
        })),
      };
    },
    async sample(count, rng, scoring = {}) {
      requireOptions('sample', { count }, { count: wholeFrom(0) });
      const latent = model.base.sample(scopeWeights(weights, 'base'), count, rng);
      const { y } = await evaluate('invert', latent, scoring);
      return matrix(count, y ?? none);
    },
    async close() {
      closed = true;
      await Promise.allSettled(running);
      await evaluator.close();
    },
  };
}

function closedError(where: string): FlowsError {
  return new FlowsError('CLOSED', {
    where,
    expected: 'an open flow',
    got: 'one that was closed',
    advice: 'close a flow only after its last use',
  });
}
