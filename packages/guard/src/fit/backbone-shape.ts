import type { Backbone, BackboneGraph } from '@ood/features';
import { inferShapes, type TensorInfo } from '@ood/onnx';
import type { GraphShape } from '../graph/score-graph.ts';

/** Inputs, feature size and classes of a backbone. */
export function shapeOf(backbone: Backbone): GraphShape {
  const { inputs, featureSize, batchSize } = backbone.describe();
  const free = (batch: TensorInfo['dims'][number] | undefined) =>
    typeof batch === 'number' ? 'batch' : (batch ?? 'batch');
  return {
    inputs: inputs.map(input => ({
      ...input,
      dims: [batchSize ?? free(input.dims[0]), ...input.dims.slice(1)],
    })),
    featureSize,
    classes: backbone.head?.weights.rows ?? widthOfLogits(backbone.graph()),
  };
}

/** Columns of the logits of a model whose head reads another tensor than the features; `null` where it has none. */
function widthOfLogits({ model, logits }: BackboneGraph): number | null {
  const width = logits === undefined ? undefined : inferShapes(model).tensors.get(logits)?.dims?.[1];
  return typeof width === 'number' ? width : null;
}
