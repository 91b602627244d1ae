import {
  appendNodes,
  cutModel,
  freeName,
  graphOf,
  type ModelProto,
  makeNode,
  type NodeProto,
  type Tensor,
  type TensorInfo,
  tensorNames,
} from '@ood/onnx';
import { FeaturesError } from '../errors.ts';
import type { BackboneGraph, Pooling } from './backbone.ts';

/** Which tensors become the outputs of the one session. */
export interface Exposure {
  readonly features: string;
  readonly rank: number;
  readonly pooling: Pooling;
  readonly logits?: string | undefined;
  /** Whether the logits are a map to be averaged over space. */
  readonly averaged?: boolean;
}

/** Returns the part of the model that makes features `[batch, d]` and logits `[batch, classes]`, both float32. */
export function exposeFeatures(model: ModelProto, exposure: Exposure): BackboneGraph {
  const { features, rank, pooling, logits, averaged = false } = exposure;
  const taken = tensorNames(graphOf(model));
  const fresh = (wanted: string): string => {
    const name = freeName(taken, wanted);
    taken.add(name);
    return name;
  };
  const nodes: NodeProto[] = [];
  const initializers: Record<string, Tensor> = {};
  const add = (opType: string, inputs: string[], attributes = {}): string => {
    const output = fresh(`ood.${opType.toLowerCase()}`);
    nodes.push(makeNode(opType, { inputs, outputs: [output], attributes }));
    return output;
  };

  let tensor = features;
  if (rank === 3 && pooling === 'cls') {
    const first = fresh('ood.first');
    initializers[first] = { type: 'int64', dims: [], data: BigInt64Array.of(0n) };
    tensor = add('Gather', [tensor, first], { axis: 1n });
  } else if (rank === 3 && pooling === 'mean') {
    // Tokens as width: works alike in every opset, unlike ReduceMean.
    tensor = add('Transpose', [tensor], { perm: [0n, 2n, 1n] });
    tensor = add('Flatten', [add('GlobalAveragePool', [tensor])]);
  } else if (rank === 4 && pooling !== 'none') {
    if (pooling === 'mean-channels-last') tensor = add('Transpose', [tensor], { perm: [0n, 3n, 1n, 2n] });
    tensor = add('Flatten', [add('GlobalAveragePool', [tensor])]);
  } else if (rank > 2) tensor = add('Flatten', [tensor]);

  const output = (wanted: string, source: string): string => {
    const name = fresh(wanted);
    nodes.push(makeNode('Cast', { inputs: [source], outputs: [name], attributes: { to: 1n } }));
    return name;
  };
  const featureName = output('features', tensor);
  const map = logits !== undefined && averaged ? add('GlobalAveragePool', [logits]) : logits;
  const logitsName = map === undefined ? undefined : output('logits', add('Flatten', [map]));
  const names = [featureName, ...(logitsName ? [logitsName] : [])];
  const cut = cutModel(model, { outputs: [...new Set([features, ...(logits ? [logits] : [])])] });
  const extended = appendNodes(cut, {
    nodes,
    initializers,
    outputs: names.map(name => ({ name, type: 'float32', dims: [null, null] })),
    keepOutputs: false,
  });
  return { model: extended, features: featureName, logits: logitsName };
}

/** How features of a shape become vectors. @throws FeaturesError `UNSUPPORTED_LAYER`, `INVALID_OPTION` */
export function choosePooling(layer: string, dims: TensorInfo['dims'], wanted: Pooling | undefined): Pooling {
  const rank = dims.length;
  const where = `layer ${JSON.stringify(layer)}`;
  if (rank < 2 || (rank > 4 && wanted !== 'none')) {
    throw new FeaturesError('UNSUPPORTED_LAYER', {
      where,
      expected: '[batch, d], [batch, tokens, d] or [batch, channels, height, width]',
      got: `a tensor of ${rank} dimension${rank === 1 ? '' : 's'}`,
      advice: rank > 4 ? "name another layer, or flatten it with pooling: 'none'" : 'name another layer',
      details: { layer, rank },
    });
  }
  if (rank === 2) return 'none';
  const needed = wanted === 'cls' ? 3 : wanted === 'mean-channels-last' ? 4 : rank;
  if (rank !== needed) {
    throw new FeaturesError('INVALID_OPTION', {
      where,
      expected: `features [batch, ${needed === 3 ? 'tokens, d' : 'height, width, channels'}] for pooling: '${wanted}'`,
      got: `a tensor of ${rank} dimensions`,
      advice: "use pooling: 'mean'",
      details: { layer, rank },
    });
  }
  return wanted ?? (rank === 3 ? 'cls' : isChannelsLast(dims) ? 'mean-channels-last' : 'mean');
}

/** Whether a map is rather `[batch, height, width, channels]`: its first two sides are equal, or free, and its last is not. */
function isChannelsLast([, height, width, channels]: TensorInfo['dims']): boolean {
  if (typeof channels !== 'number') return false;
  return typeof height === 'number' ? height === width && width !== channels : typeof width !== 'number';
}
