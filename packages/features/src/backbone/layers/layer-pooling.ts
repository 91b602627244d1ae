import { type GraphIndex, intAttribute, type NodeProto } from '@ood/onnx';
import type { LayerPooling } from '../backbone.ts';
import type { ChannelAxis } from './channel-axis.ts';

/** How a layer of a shape becomes a vector: the class token of tokens where there is one, else the mean of all but the channels. */
export function layerPooling(
  dims: readonly number[],
  { channels, classToken }: { readonly channels: ChannelAxis; readonly classToken: boolean },
): LayerPooling {
  if (dims.length === 2) return 'none';
  if (dims.length === 4) return channels === 'last' ? 'mean-channels-last' : 'mean';
  if (channels === 'first') return 'mean-channels-first';
  return classToken ? 'cls' : 'mean';
}

/** Where the channels rather are, by the shape alone: tokens have them last, maps where only their first two sides are equal. */
export function likelyChannels(dims: readonly number[]): ChannelAxis {
  if (dims.length === 3) return 'last';
  return dims[1] === dims[2] && dims[2] !== dims[3] ? 'last' : 'first';
}

/** Whether a node keeps the first token of `[batch, tokens, d]` alone. */
export function takesFirstToken(node: NodeProto, index: GraphIndex): boolean {
  const integers = (at: number) => Array.from(index.constant(node.input[at] ?? '')?.data ?? [], Number);
  if (node.opType === 'Gather') {
    const axis = intAttribute(node, 'axis', 0);
    const [first, ...others] = integers(1);
    return (axis === 1 || axis === -2) && first === 0 && others.length === 0;
  }
  if (node.opType !== 'Slice') return false;
  const [starts, ends, axes] = [integers(1), integers(2), integers(3)];
  const at = axes.length === 0 ? 1 : axes.findIndex(axis => axis === 1 || axis === -2);
  return starts[at] === 0 && ends[at] === 1;
}
