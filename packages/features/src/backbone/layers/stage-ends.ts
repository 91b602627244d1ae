import type { GraphIndex, TensorInfo } from '@ood/onnx';
import type { LayerPooling } from '../backbone.ts';
import { type ChannelAxis, channelAxes } from './channel-axis.ts';
import { layerPooling, likelyChannels, takesFirstToken } from './layer-pooling.ts';
import { type Trunk, type TrunkPoint, trunkOf } from './trunk.ts';

/** A tensor of the trunk, and how it becomes a vector. */
export interface FoundLayer {
  readonly tensor: string;
  readonly dims: readonly number[];
  readonly pooling: LayerPooling;
}

/** Maps, or tokens, at one place of the trunk. */
interface Place extends TrunkPoint {
  readonly dims: readonly number[];
  readonly channels: ChannelAxis;
  /** Pixels or tokens. */
  readonly area: number;
}

/** A tensor's shape and type as they are when the model runs; undefined for one that is no batch of floating point numbers. */
export type LookUpDims = (tensors: readonly string[]) => Promise<ReadonlyMap<string, readonly number[]>>;

export interface StageEndSearch {
  readonly index: GraphIndex;
  /** Input that the trunk begins at, and the tensor of the penultimate features. */
  readonly source: string;
  readonly target: string;
  /** Shapes by inference. */
  readonly inferred: (tensor: string) => TensorInfo['dims'] | undefined;
  readonly lookUp: LookUpDims;
}

/** A convolution, product or the like: what stands before the first one is a rescaled input, what follows the last is the features. */
const weighted = /Conv|MatMul|Gemm|Einsum|(?<!quantize)Linear$|Attention$/i;
/** What holds the values of the map before it. */
const same = new Set(['Pad', 'Transpose', 'Identity', 'Cast', 'Dropout']);
const attention = /^Softmax$|Attention/;
const sums = /^(Add|Sum|Skip(Simplified)?LayerNormalization)$/;
/** Of so many blocks on, a quarter of the way is a place of its own. */
const QUARTERS = 4;

/**
 * The ends of a network's stages, from the input on, by the structure of its graph: the last map, or list of tokens, before each
 * downsampling that no way through the graph leads around; and the last of all where further layers stand between it and the
 * features. Of a transformer, whose tokens stay as many, the residual stream after a quarter, half and three quarters of the blocks.
 *
 * @returns the layers; or a text that says why there are none
 */
export async function findStageEnds(search: StageEndSearch): Promise<readonly FoundLayer[] | string> {
  const { index, source, target, inferred, lookUp } = search;
  const trunk = trunkOf(index, source, target);
  if (trunk === undefined) return `${JSON.stringify(source)} does not lead to ${JSON.stringify(target)}`;
  const firstLayer = trunk.nodes.findIndex(({ opType }) => weighted.test(opType));
  const points = trunk.points.filter(
    ({ at, node, tensor }) =>
      firstLayer !== -1 && at >= firstLayer && !same.has(node.opType) && mayBePlace(inferred(tensor)),
  );
  const sizes = await lookUp(points.map(({ tensor }) => tensor));
  const dimsOf = (tensor: string) => sizes.get(tensor) ?? inferred(tensor);
  const axes = channelAxes(trunk.nodes, dimsOf);
  const places = points.flatMap(point => placeOf(point, sizes.get(point.tensor), axes) ?? []);
  const ends = places.filter(
    (place, i) => 2 * (places[i + 1]?.area ?? Number.POSITIVE_INFINITY) <= place.area,
  );
  const blocks = blockEnds(places, trunk);
  const isTransformer = blocks.length >= QUARTERS && blocks.every(({ dims }) => dims.length === 3);
  if (isTransformer && ends.every(({ dims }) => dims.length === 4)) return chosenBlocks(blocks, trunk, index);
  if (ends.length === 0 && blocks.length > 1) return chosenBlocks(blocks, trunk, index);
  const last = places.at(-1);
  const hasLayer = (from: number, to?: number) =>
    trunk.nodes.slice(from + 1, to).some(({ opType }) => weighted.test(opType));
  const all = last && hasLayer(last.at) ? [...ends, last] : ends;
  // What is pooled twice without a layer between would be there twice.
  const own = all.filter((end, i) => hasLayer(all[i - 1]?.at ?? -1, end.at + 1));
  if (own.length > 0)
    return own.map(({ tensor, dims, channels }) => ({
      tensor,
      dims,
      pooling: layerPooling(dims, { channels, classToken: false }),
    }));
  return last === undefined
    ? `no maps or tokens on the way to ${JSON.stringify(target)}`
    : `neither a downsampling nor several blocks with a residual stream on the way to ${JSON.stringify(target)}`;
}

function mayBePlace(dims: TensorInfo['dims'] | undefined): boolean {
  return dims === undefined || dims.length === 3 || dims.length === 4;
}

function placeOf(
  point: TrunkPoint,
  dims: readonly number[] | undefined,
  axes: ReadonlyMap<string, ChannelAxis>,
): Place | undefined {
  if (dims === undefined || (dims.length !== 3 && dims.length !== 4)) return undefined;
  const channels = axes.get(point.tensor) ?? likelyChannels(dims);
  const area = (channels === 'first' ? dims.slice(2) : dims.slice(1, -1)).reduce(
    (product, dim) => product * dim,
    1,
  );
  return area > 1 ? { ...point, dims, channels, area } : undefined;
}

/** Places where a residual sum ends a block, of the last places of one shape. */
function blockEnds(places: readonly Place[], { nodes, carries }: Trunk): Place[] {
  const isResidual = ({ node }: Place) =>
    sums.test(node.opType) && node.input.filter(name => carries(name)).length > 1;
  const all = places.filter(isResidual);
  const shape = String(all.at(-1)?.dims);
  const stream = all.slice(all.findLastIndex(({ dims }) => String(dims) !== shape) + 1);
  const attends = (from: number, to: number) =>
    nodes.slice(from + 1, to).some(({ opType }) => attention.test(opType));
  if (!stream.some((place, i) => attends(stream[i - 1]?.at ?? -1, place.at))) return stream;
  return stream.filter((place, i) => {
    const next = stream[i + 1];
    return next === undefined || attends(place.at, next.at);
  });
}

/** A quarter, half and three quarters of the way, or all but the last of few. */
function chosenBlocks(blocks: readonly Place[], trunk: Trunk, index: GraphIndex): FoundLayer[] {
  const count = blocks.length;
  const chosen =
    count < QUARTERS
      ? blocks.slice(0, -1)
      : [1, 2, 3].map(quarter => blocks[Math.round((quarter * count) / 4) - 1]!);
  const classToken = trunk.nodes.slice(blocks.at(-1)!.at + 1).some(node => takesFirstToken(node, index));
  return chosen.map(({ tensor, dims, channels }) => ({
    tensor,
    dims,
    pooling: layerPooling(dims, { channels, classToken }),
  }));
}
