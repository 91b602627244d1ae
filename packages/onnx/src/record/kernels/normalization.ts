import type * as tf from '@tensorflow/tfjs';
import type { GraphBuilder, Symbolic } from '../graph/graph-builder.ts';
import type { KernelCall, KernelTable } from './kernel.ts';
import { channelsFirst, inFormat } from './spatial.ts';

/** Normalization by statistics that are given. */
export const normalizationKernels: KernelTable = {
  FusedBatchNorm: ({ inputs, attributes, graph }: KernelCall<tf.FusedBatchNormAttrs>) => {
    const { x, mean, variance, offset, scale } = inputs as Record<string, Symbolic> & { x: Symbolic };
    const { varianceEpsilon } = attributes;
    const parameters = [scale, offset, mean, variance];
    if (x.shape.length === 4 && parameters.every(one => one === undefined || isPerChannel(one, x.shape[3]!)))
      return overChannels(graph, x, { mean: mean!, variance: variance!, offset, scale, varianceEpsilon });
    const spread = graph.elementwise('Sqrt', [
      graph.elementwise('Add', [variance!, graph.number(varianceEpsilon)]),
    ]);
    const inverse = graph.elementwise('Reciprocal', [spread]);
    const factor = scale ? graph.elementwise('Mul', [inverse, scale]) : inverse;
    const scaled = graph.elementwise('Mul', [graph.elementwise('Sub', [x, mean!]), factor]);
    return offset ? graph.elementwise('Add', [scaled, offset]) : scaled;
  },
};

interface Statistics {
  readonly mean: Symbolic;
  readonly variance: Symbolic;
  readonly offset: Symbolic | undefined;
  readonly scale: Symbolic | undefined;
  readonly varianceEpsilon: number;
}

/** As ONNX's own operator, which runtimes fold into the convolution before it. */
function overChannels(graph: GraphBuilder, x: Symbolic, statistics: Statistics): Symbolic {
  const { mean, variance, offset, scale, varianceEpsilon } = statistics;
  const channels = x.shape[3]!;
  const data = channelsFirst(graph, x);
  const each = ({ value }: Symbolic) =>
    value.shape.length === 0
      ? graph.node('Expand', [value, graph.integers([channels])], 'float32', [channels])
      : graph.reshape(value, [channels]);
  const of = (number: number) => ({ value: graph.scalar(number), shape: [channels] });
  const operands = [scale ?? of(1), offset ?? of(0), mean, variance].map(each);
  const made = graph.node('BatchNormalization', [data, ...operands], 'float32', data.shape, {
    epsilon: { float: varianceEpsilon },
  });
  return inFormat(graph, made);
}

/** Whether a parameter has one number for each channel, or one for all. */
function isPerChannel({ shape, value }: Symbolic, channels: number): boolean {
  const plain = shape.length === 1 && shape[0] === channels;
  return plain && (value.shape.length === 0 || value.shape.every(dim => dim === channels));
}
