import type { Backbone, BackboneGraph } from '@ood/features';
import { inferShapes } from '@ood/onnx';
import { GuardError } from '../errors.ts';
import type { GraphShape } from '../graph/score-graph.ts';

/** Input, feature size and classes of a backbone. @throws GuardError `UNSUPPORTED` for a model of several inputs */
export function shapeOf(backbone: Backbone): GraphShape {
  const { inputs, featureSize, batchSize } = backbone.describe();
  const [input, ...others] = inputs;
  if (input === undefined || others.length > 0) {
    throw new GuardError('UNSUPPORTED', {
      where: 'model',
      expected: 'one input, of images or vectors',
      got: `${inputs.length} (${inputs.map(({ name }) => name).join(', ')})`,
      advice: 'use openBackbone and a detector of @ood/detectors for models of several inputs',
    });
  }
  const free = typeof input.dims[0] === 'number' ? 'batch' : (input.dims[0] ?? 'batch');
  return {
    input: { ...input, dims: [batchSize ?? free, ...input.dims.slice(1)] },
    featureSize,
    classes: backbone.head?.weights.rows ?? widthOfLogits(backbone.graph()),
  };
}

/** Columns of the logits of a model whose head reads another tensor than the features; `null` where it has none. */
function widthOfLogits({ model, logits }: BackboneGraph): number | null {
  const width = logits === undefined ? undefined : inferShapes(model).tensors.get(logits)?.dims?.[1];
  return typeof width === 'number' ? width : null;
}
