import type { BackboneGraph } from '@ood/features';
import { decodeModel, graphOf, joinModels, type ModelProto, type TensorInfo } from '@ood/onnx';
import { claimOutputNames, declareOutputs, OUTPUTS } from './output-names.ts';

/** Opset of the detector's graphs; an older backbone is lifted to it. */
export const OPSET = 17;

/** Inputs, feature size and classes of a guard's graph. */
export interface GraphShape {
  readonly inputs: readonly TensorInfo[];
  readonly featureSize: number;
  /** Columns of the logits; `null` for a backbone without them. */
  readonly classes: number | null;
}

/** A backbone's graph with its outputs called `features` `[batch, d]` and, where it has any, `logits` `[batch, classes]`. */
export function featureGraph({ model, features, logits }: BackboneGraph, shape: GraphShape): ModelProto {
  const named = claimOutputNames(model, { features, ...(logits !== undefined && { logits }) });
  return declareOutputs(named, featureOutputs(shape));
}

/** Names of a feature graph's inputs, in their order: the backbone's own, unless an output has that name. */
export function inputNames(features: ModelProto): string[] {
  const { input, initializer } = graphOf(features);
  const defaults = new Set(initializer.map(({ name }) => name));
  return input.flatMap(({ name }) => (defaults.has(name) ? [] : [name]));
}

/** The feature graph with the detector's behind it: outputs `features`, `logits` where there are any, `score` `[batch]`. */
export function scoreGraph(
  features: ModelProto,
  detector: Uint8Array,
  { reads, shape }: { readonly reads: readonly ('features' | 'logits')[]; readonly shape: GraphShape },
): ModelProto {
  const outputs = featureOutputs(shape);
  const joined = joinModels(features, decodeModel(detector, { source: "the detector's graph" }), {
    connect: Object.fromEntries(reads.map(name => [OUTPUTS[name], OUTPUTS[name]])),
    keepOutputs: outputs.map(output => output.name),
    prefix: 'detector.',
  });
  return declareOutputs(joined, [...outputs, scoreOutput(shape)]);
}

/** Declaration of `score`. */
export function scoreOutput(shape: GraphShape): TensorInfo {
  return { name: OUTPUTS.score, type: 'float32', dims: [batchOf(shape)] };
}

function featureOutputs(shape: GraphShape): TensorInfo[] {
  const batch = batchOf(shape);
  const { featureSize, classes } = shape;
  return [
    { name: OUTPUTS.features, type: 'float32', dims: [batch, featureSize] },
    ...(classes === null ? [] : [{ name: OUTPUTS.logits, type: 'float32' as const, dims: [batch, classes] }]),
  ];
}

/** The batch dimension of the inputs: its name or, where the model is bound to one, its size. */
export function batchOf({ inputs }: Pick<GraphShape, 'inputs'>): string | number {
  return inputs[0]?.dims[0] ?? 'batch';
}
