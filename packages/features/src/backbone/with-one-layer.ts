import { appendNodes, freeName, graphOf, type ModelProto, makeNode, tensorNames } from '@ood/onnx';
import type { LayerChoice } from './choose-layer.ts';

/** Returns the model with one tensor that a head of several sources reads, and the choice with it as layer. */
export function withOneLayer(
  model: ModelProto,
  choice: LayerChoice,
): { readonly model: ModelProto; readonly choice: LayerChoice } {
  const { head } = choice;
  if (head === undefined || !('sources' in head) || head.pooled) return { model, choice };
  if (head.sources.length === 1) return { model, choice };
  const taken = tensorNames(graphOf(model));
  const fresh = (wanted: string): string => {
    const name = freeName(taken, wanted);
    taken.add(name);
    return name;
  };
  const parts = head.sources.map(() => fresh('ood.part'));
  const features = fresh('ood.parts');
  const nodes = [
    ...head.sources.map((source, i) => makeNode('Flatten', { inputs: [source], outputs: [parts[i]!] })),
    makeNode('Concat', { inputs: parts, outputs: [features], attributes: { axis: 1n } }),
  ];
  const joined = appendNodes(model, { nodes, outputs: [] });
  return { model: joined, choice: { ...choice, layer: features, head: { ...head, features } } };
}
