import { intsAttribute, type NodeProto, type TensorInfo } from '@ood/onnx';

type Dims = TensorInfo['dims'];

/** Where the channels of a map or of a list of tokens are: behind the batch, or at the end. */
export type ChannelAxis = 'first' | 'last';

/** Operators of ONNX whose maps are `[batch, channels, …]`. */
const first =
  /Conv|Pool|^(BatchNormalization|InstanceNormalization|GroupNormalization|LpPool|LRN|PRelu|DepthToSpace|SpaceToDepth)$/;
/** Products and normalizations over the last axis. */
const last = /MatMul|Gemm|LayerNormalization$|Attention$/;
const reshapes = new Set(['Reshape', 'Flatten', 'Squeeze', 'Unsqueeze']);

/**
 * The channel axis of each tensor of three dimensions or more that the nodes make, as far as the operators say it.
 *
 * @param dimsOf shape of a tensor, where it is known
 */
export function channelAxes(
  nodes: readonly NodeProto[],
  dimsOf: (tensor: string) => Dims | undefined,
): ReadonlyMap<string, ChannelAxis> {
  const axes = new Map<string, ChannelAxis>();
  for (const node of nodes) {
    const output = node.output[0] ?? '';
    const axis = axisOf(node, axes, dimsOf);
    if (axis !== undefined) axes.set(output, axis);
  }
  return axes;
}

function axisOf(
  node: NodeProto,
  axes: ReadonlyMap<string, ChannelAxis>,
  dimsOf: (tensor: string) => Dims | undefined,
): ChannelAxis | undefined {
  const { opType, input, output } = node;
  if (first.test(opType)) return 'first';
  if (last.test(opType)) return 'last';
  const rank = dimsOf(output[0] ?? '')?.length;
  const source = input.find(name => axes.has(name) && (rank === undefined || dimsOf(name)?.length === rank));
  if (reshapes.has(opType))
    return reshaped(axes.get(input[0] ?? ''), dimsOf(input[0] ?? ''), dimsOf(output[0] ?? ''));
  if (source === undefined) return undefined;
  const axis = axes.get(source);
  return opType === 'Transpose' ? transposed(node, axis) : axis;
}

/** Where a permutation puts the channels, if it is to one of the two ends. */
function transposed(node: NodeProto, axis: ChannelAxis | undefined): ChannelAxis | undefined {
  const perm = intsAttribute(node, 'perm');
  if (perm === undefined || axis === undefined) return undefined;
  const at = perm.indexOf(axis === 'first' ? 1 : perm.length - 1);
  if (perm[0] !== 0) return undefined;
  return at === 1 ? 'first' : at === perm.length - 1 ? 'last' : undefined;
}

/** A reshape keeps the channels where their number still is at the same end. */
function reshaped(
  axis: ChannelAxis | undefined,
  from: Dims | undefined,
  to: Dims | undefined,
): ChannelAxis | undefined {
  if (axis === undefined || from === undefined || to === undefined || to.length < 3) return undefined;
  const place = axis === 'first' ? 1 : -1;
  const channels = from.at(place);
  return typeof channels === 'number' && to.at(place) === channels ? axis : undefined;
}
