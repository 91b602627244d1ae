import {
  freeName,
  graphOf,
  type ModelProto,
  makeValueInfo,
  renameTensors,
  type TensorInfo,
  tensorNames,
} from '@ood/onnx';

/** Names of a guard graph's outputs, whatever the backbone calls its tensors. */
export const OUTPUTS = {
  features: 'features',
  logits: 'logits',
  score: 'score',
  pValue: 'p_value',
  isOod: 'is_ood',
} as const;

/**
 * The model with the tensors of `wanted` under the names of a guard's outputs; other tensors of those names make room.
 * An input keeps its name unless it is one of them.
 */
export function claimOutputNames(
  model: ModelProto,
  wanted: Readonly<Partial<Record<keyof typeof OUTPUTS, string>>>,
): ModelProto {
  const graph = graphOf(model);
  const taken = tensorNames(graph);
  const names = new Map<string, string>();
  for (const name of Object.values(OUTPUTS)) {
    if (!taken.has(name)) continue;
    const free = freeName(taken, `model.${name}`);
    taken.add(free);
    names.set(name, free);
  }
  for (const [key, tensor] of Object.entries(wanted)) names.set(tensor, OUTPUTS[key as keyof typeof OUTPUTS]);
  return { ...model, graph: renameTensors(graph, name => names.get(name) ?? name) };
}

/** The model with these outputs, declared with these types and shapes. */
export function declareOutputs(model: ModelProto, outputs: readonly TensorInfo[]): ModelProto {
  return { ...model, graph: { ...graphOf(model), output: outputs.map(makeValueInfo) } };
}
