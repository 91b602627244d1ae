import { decodeModel, graphOf, type ModelProto, renameTensors } from '@ood/onnx';
import type { ToOnnxOptions } from '../contract/detector.ts';
import { exportedModel } from '../formula/exported-model.ts';
import { Formula, type Value } from '../formula/formula.ts';
import { shareTables } from './shared-tables.ts';

/** One model of several scores and a formula that makes them one: `values` are their outputs, in the order of the models. */
export function joinScores(
  models: readonly Uint8Array[],
  names: Required<ToOnnxOptions>,
  fuse: (f: Formula, values: readonly Value[]) => Value,
): ModelProto {
  const parts = models.map((bytes, i) => {
    const shared = new Set([names.features, names.logits]);
    const prefix = `detector/part${i}/`;
    const part = renameTensors(graphOf(decodeModel(bytes)), name =>
      shared.has(name) ? name : prefix + name,
    );
    // Two recorded graphs name their nodes alike.
    return { ...part, node: part.node.map(node => ({ ...node, name: node.name ? prefix + node.name : '' })) };
  });
  const f = new Formula('float32');
  const values = parts.map((part, i) => ({ name: part.output[0]!.name || `${i}` }));
  const fused = f.finish(fuse(f, values), { inputs: [], output: names.score });
  const inputs = new Map(parts.flatMap(part => part.input.map(input => [input.name, input] as const)));
  const order = [names.features, names.logits];
  const joined = {
    ...fused,
    input: order.flatMap(name => inputs.get(name) ?? []),
    node: [...parts.flatMap(part => part.node), ...fused.node],
    initializer: [...parts.flatMap(part => part.initializer), ...fused.initializer],
  };
  return exportedModel(shareTables(joined), names.opset);
}
