import type { DenseArray } from '@ood/core';
import type { Runtime } from '@ood/onnx';
import { type Recording, record } from '@ood/onnx/record';
import type * as tf from '@tensorflow/tfjs';
import { joinWeights, scopeWeights, type Weights } from '../contract/arrays.ts';
import { defineFlow, type FlowModel } from '../contract/flow-model.ts';
import { foldLinear } from './fold.ts';

/** What a graph of a flow computes. */
export type GraphKind = 'logProb' | 'transform' | 'trace' | 'invert';

export interface GraphOptions {
  readonly input?: string;
  readonly output?: string;
  readonly opset?: number;
  readonly name?: string;
}

/** The recorded graph from features (latents for `'invert'`), weights baked in. Names of a trace's outputs: `base`, `layer.0`, …. */
export function flowGraph(
  model: FlowModel,
  { parameters, constants }: Weights,
  kind: GraphKind,
  { input = 'x', output = 'y', ...options }: GraphOptions = {},
): Recording {
  const arrays = Object.entries({ ...parameters, ...constants });
  const named = Object.fromEntries(arrays.map(([name, value]) => [`weights.${name}`, asConstant(value)]));
  return record(
    tensors => {
      const t = Object.fromEntries(arrays.map(([name]) => [name, tensors[`weights.${name}`]!]));
      const x = tensors[input] as tf.Tensor2D;
      if (kind === 'invert') return { [output]: model.invert(t, x) };
      const prepared = model.prepare(t, x);
      if (kind === 'logProb') return { [output]: model.logProb(t, prepared) };
      if (kind === 'transform') return { [output]: model.transform(t, prepared) };
      const { base, layers } = model.trace(t, prepared);
      return { base, ...Object.fromEntries(layers.map(({ logDet }, i) => [`layer.${i}`, logDet])) };
    },
    {
      inputs: { [input]: ['batch', kind === 'invert' ? model.dim : model.inputDim] },
      constants: named,
      ...options,
    },
  );
}

/** The model for scoring, with linear runs folded; see `foldLinear`. */
export async function foldedFlow(
  model: FlowModel,
  weights: Weights,
  runtime: Runtime,
): Promise<{ model: FlowModel; weights: Weights }> {
  const { bijection, weights: own } = await foldLinear(
    model.bijection,
    scopeWeights(weights, 'bijection'),
    runtime,
  );
  return {
    model: defineFlow(model.preparation, bijection, model.base),
    weights: joinWeights({
      preparation: scopeWeights(weights, 'preparation'),
      bijection: own,
      base: scopeWeights(weights, 'base'),
    }),
  };
}

function asConstant({ shape, data }: DenseArray<Float32Array>) {
  return { dims: shape, data };
}
