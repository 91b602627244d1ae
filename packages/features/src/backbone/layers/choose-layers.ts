import type { ErrorParts } from '@ood/core';
import { dataTypeName, type GraphIndex, type Inference, type TensorInfo } from '@ood/onnx';
import { FeaturesError, type FeaturesErrorCode } from '../../errors.ts';
import type { BackboneOptions, LayerCandidate } from '../backbone.ts';
import { withCandidates } from '../candidates.ts';
import { channelAxes } from './channel-axis.ts';
import { layerPooling, likelyChannels, takesFirstToken } from './layer-pooling.ts';
import { type FoundLayer, findStageEnds, type LookUpDims } from './stage-ends.ts';

export interface LayersContext {
  readonly source: string;
  readonly index: GraphIndex;
  readonly inference: Inference;
  /** Inputs that are fed. */
  readonly inputs: readonly TensorInfo[];
  /** The penultimate features' tensor. */
  readonly layer: string;
  /** Rows of the probe. */
  readonly rows: number;
  /** Shapes of tensors, by running the model. */
  readonly probe: (tensors: readonly string[]) => Promise<ReadonlyMap<string, readonly number[]>>;
  readonly candidates: readonly LayerCandidate[];
}

const FLOATS = new Set(['float32', 'float16', 'float64']);

/**
 * The layers that join the penultimate features, and how each becomes a vector.
 *
 * @throws FeaturesError `NO_STAGES` where none are found; `UNKNOWN_LAYER`, `UNSUPPORTED_LAYER`, `INVALID_OPTION` for named ones
 */
export async function chooseLayers(
  layers: NonNullable<BackboneOptions['layers']>,
  context: LayersContext,
): Promise<readonly FoundLayer[]> {
  const { source, inputs, index, inference, layer } = context;
  const lookUp = dimsLookUp(context);
  const refuse = (code: FeaturesErrorCode, parts: Omit<ErrorParts, 'where'>) =>
    new FeaturesError(code, withCandidates({ where: source, ...parts }, context.candidates));
  if (layers === 'stage-ends') {
    const reasons: string[] = [];
    for (const input of inputs) {
      const inferred = (tensor: string) => inference.tensors.get(tensor)?.dims;
      const found = await findStageEnds({ index, source: input.name, target: layer, inferred, lookUp });
      if (typeof found !== 'string') return found;
      reasons.push(found);
    }
    throw refuse('NO_STAGES', {
      expected: 'maps that are downsampled on the way to the features, or blocks of a transformer',
      got: reasons.join('; '),
      advice: 'leave layers out, or name tensors of maps, tokens or vectors as layers',
    });
  }
  for (const tensor of layers) {
    if (!inference.tensors.has(tensor))
      throw refuse('UNKNOWN_LAYER', {
        expected: 'tensors of the model as layers',
        got: JSON.stringify(tensor),
        details: { layer: tensor },
      });
    if (index.isConstant(tensor) || tensor === layer)
      throw refuse('UNSUPPORTED_LAYER', {
        expected: 'layers that depend on the inputs, beside the features themselves',
        got: `${index.isConstant(tensor) ? 'the constant' : 'the features,'} ${JSON.stringify(tensor)}`,
        details: { layer: tensor },
      });
  }
  const sizes = await lookUp(layers);
  const inferred = (tensor: string) => inference.tensors.get(tensor)?.dims;
  const axes = channelAxes(index.graph.node, tensor => sizes.get(tensor) ?? inferred(tensor));
  const classToken = index.graph.node.some(
    node => inferred(node.input[0] ?? '')?.length === 3 && takesFirstToken(node, index),
  );
  return layers.map(tensor => {
    const dims = sizes.get(tensor);
    if (dims === undefined)
      throw refuse('UNSUPPORTED_LAYER', {
        expected: 'layers of floating point numbers whose first axis is the batch',
        got: JSON.stringify(tensor),
        details: { layer: tensor },
      });
    if (dims.length < 2 || dims.length > 4)
      throw refuse('UNSUPPORTED_LAYER', {
        expected: 'layers of vectors, of tokens or signals, or of maps: of 2 to 4 dimensions',
        got: `${JSON.stringify(tensor)} of ${dims.length}`,
        details: { layer: tensor, rank: dims.length },
      });
    const channels = axes.get(tensor) ?? likelyChannels(dims);
    return { tensor, dims, pooling: layerPooling(dims, { channels, classToken }) };
  });
}

/** Shapes with all sizes but the batch's known: from the graph where it says them, else by running the model. */
function dimsLookUp({ inference, inputs, rows, probe }: LayersContext): LookUpDims {
  const batch = inputs[0]?.dims[0];
  return async tensors => {
    const known = new Map<string, readonly number[]>();
    const open: string[] = [];
    for (const tensor of tensors) {
      const { type, dims } = inference.tensors.get(tensor) ?? {};
      if (type !== undefined && !FLOATS.has(dataTypeName(type) ?? '')) continue;
      const [first, ...rest] = dims ?? [];
      const isBatch = batch !== null && first === batch;
      if (dims && isBatch && rest.every(dim => typeof dim === 'number'))
        known.set(tensor, [rows, ...(rest as number[])]);
      else open.push(tensor);
    }
    const run = open.length === 0 ? [] : await probe(open);
    for (const [tensor, dims] of run) if (dims[0] === rows) known.set(tensor, dims);
    return known;
  };
}
