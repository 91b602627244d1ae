import { appendNodes, cutModel, graphOf, type ModelProto, opsetOf, type TensorInfo } from '@ood/onnx';
import { FeaturesError } from '../errors.ts';
import type { BackboneGraph, Pooling } from './backbone.ts';
import { joinLayers } from './layers/join-layers.ts';
import { nodeBuilder } from './layers/node-builder.ts';
import { pooled } from './layers/pooled.ts';
import type { FoundLayer } from './layers/stage-ends.ts';

/** Which tensors become the outputs of the one session. */
export interface Exposure {
  readonly features: string;
  readonly rank: number;
  readonly pooling: Pooling;
  /** Input that says which tokens are real. */
  readonly mask?: string | undefined;
  readonly logits?: string | undefined;
  /** Whether the logits are a map to be averaged over space. */
  readonly averaged?: boolean;
  /** Layers to stand behind the features, each with its own pooling. */
  readonly layers?: readonly FoundLayer[];
  /** Whether the model's own outputs stay, before these. */
  readonly keepOutputs?: boolean;
}

/** Returns the part of the model that makes features `[batch, d]` and logits `[batch, classes]`, both float32. */
export function exposeFeatures(model: ModelProto, exposure: Exposure): BackboneGraph {
  const {
    features,
    rank,
    pooling,
    mask,
    logits,
    averaged = false,
    layers = [],
    keepOutputs = false,
  } = exposure;
  const builder = nodeBuilder(model);
  const { nodes, initializers, add } = builder;
  const opset = opsetOf(model);
  const output = (wanted: string, source: string) => add('Cast', [source], { to: 1n }, wanted);
  const vector = pooled(features, { rank, pooling, mask }, builder);
  const featureName =
    layers.length === 0
      ? output('features', vector)
      : output('features', joinLayers(add('Cast', [vector], { to: 1n }), layers, { opset, mask, builder }));
  const map = logits !== undefined && averaged ? add('GlobalAveragePool', [logits]) : logits;
  const logitsName = map === undefined ? undefined : output('logits', add('Flatten', [map]));
  const names = [featureName, ...(logitsName ? [logitsName] : [])];
  const wanted = [features, ...(logits ? [logits] : []), ...layers.map(({ tensor }) => tensor)];
  const part = keepOutputs
    ? model
    : withInput(cutModel(model, { outputs: [...new Set(wanted)] }), model, mask);
  const extended = appendNodes(part, {
    nodes,
    initializers,
    outputs: names.map(name => ({ name, type: 'float32', dims: [null, null] })),
    keepOutputs,
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
  const needed = wanted === 'cls' || wanted === 'last' ? 3 : wanted === 'mean-channels-last' ? 4 : rank;
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

/** The cut model with an input of the whole one that only the pooling may read. */
function withInput(cut: ModelProto, whole: ModelProto, name: string | undefined): ModelProto {
  const graph = graphOf(cut);
  if (name === undefined || graph.input.some(input => input.name === name)) return cut;
  const input = graphOf(whole).input.filter(
    info => info.name === name || graph.input.some(kept => kept.name === info.name),
  );
  return { ...cut, graph: { ...graph, input } };
}
