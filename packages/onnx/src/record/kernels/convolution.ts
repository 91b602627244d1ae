import type * as tf from '@tensorflow/tfjs';
import type { Value } from '../graph/graph.ts';
import type { GraphBuilder, Symbolic } from '../graph/graph-builder.ts';
import { activated, type Fused } from './activation.ts';
import type { KernelCall, KernelTable } from './kernel.ts';
import {
  channelsFirst,
  convWindows,
  inFormat,
  outputPadding,
  type Windows,
  windowAttributes,
} from './spatial.ts';

type Depthwise = Pick<
  tf.DepthwiseConv2dNativeAttrs,
  'strides' | 'pad' | 'dilations' | 'dataFormat' | 'dimRoundingMode'
>;

/** Convolutions over maps, and their gradients. Filters are `[height, width, in, out]`, of depthwise ones `[…, in, multiplier]`. */
export const convolutionKernels: KernelTable = {
  Conv2D: ({ inputs, attributes, graph }: KernelCall<tf.Conv2DAttrs>) =>
    convolved(graph, inputs as Operands, attributes),
  FusedConv2D: ({ inputs, attributes, graph }: KernelCall<tf.FusedConv2DAttrs>) =>
    activated(graph, convolved(graph, inputs as Operands, attributes), inputs, attributes as Fused),
  DepthwiseConv2dNative: ({ inputs, attributes, graph }: KernelCall<tf.DepthwiseConv2dNativeAttrs>) =>
    convolvedByChannel(graph, inputs as Operands, attributes),
  FusedDepthwiseConv2D: ({ inputs, attributes, graph }: KernelCall<tf.FusedDepthwiseConv2DAttrs>) =>
    activated(graph, convolvedByChannel(graph, inputs as Operands, attributes), inputs, attributes as Fused),
  // Also what transposed convolutions are made of.
  Conv2DBackpropInput: ({ inputs, attributes, graph }: KernelCall<tf.Conv2DBackpropInputAttrs>) => {
    const { dy, filter } = inputs as { dy: Symbolic; filter: Symbolic };
    const { inputShape, dataFormat } = attributes;
    const windows = convWindows(inputShape, filter.shape, attributes);
    const weights = graph.transpose(graph.full(filter), [3, 2, 0, 1]);
    return spread(graph, { dy, weights, windows, shape: inputShape, format: dataFormat });
  },
  Conv2DBackpropFilter: ({ inputs, attributes, graph }: KernelCall<tf.Conv2DBackpropFilterAttrs>) => {
    const { x, dy } = inputs as { x: Symbolic; dy: Symbolic };
    const { filterShape, dataFormat } = attributes;
    const windows = convWindows(x.shape, filterShape, attributes);
    // Every channel of x is a row whose channels are the batch, convolved with dy as its filters.
    const rows = graph.transpose(channelsFirst(graph, x, dataFormat), [1, 0, 2, 3]);
    const filters = graph.transpose(channelsFirst(graph, dy, dataFormat), [1, 0, 2, 3]);
    const made = correlated(graph, rows, filters, windows, 1);
    return asSymbolic(graph.transpose(made, [2, 3, 0, 1]));
  },
  DepthwiseConv2dNativeBackpropInput: ({
    inputs,
    attributes,
    graph,
  }: KernelCall<tf.DepthwiseConv2dNativeBackpropInputAttrs>) => {
    const { dy, filter } = inputs as { dy: Symbolic; filter: Symbolic };
    const { inputShape } = attributes;
    const windows = convWindows(inputShape, filter.shape, attributes, true);
    const weights = byChannel(graph, filter);
    return spread(graph, {
      dy,
      weights,
      windows,
      shape: inputShape,
      format: 'NHWC',
      group: filter.shape[2]!,
    });
  },
  DepthwiseConv2dNativeBackpropFilter: ({
    inputs,
    attributes,
    graph,
  }: KernelCall<tf.DepthwiseConv2dNativeBackpropFilterAttrs>) => {
    const { x, dy } = inputs as { x: Symbolic; dy: Symbolic };
    const [height, width, channels, multiplier] = attributes.filterShape;
    const windows = convWindows(x.shape, attributes.filterShape, attributes, true);
    const [batch, rows, columns] = x.shape as [number, number, number];
    // As above, each channel by itself: one row with a group for each.
    const apart = graph.transpose(channelsFirst(graph, x), [1, 0, 2, 3]);
    const together = graph.reshape(apart, [1, channels * batch, rows, columns]);
    const filters = graph.transpose(channelsFirst(graph, dy), [1, 0, 2, 3]);
    const made = correlated(graph, together, filters, windows, channels);
    const split = graph.reshape(made, [channels, multiplier, height, width]);
    return asSymbolic(graph.transpose(split, [2, 3, 0, 1]));
  },
};

interface Operands {
  readonly [name: string]: Symbolic;
  readonly x: Symbolic;
  readonly filter: Symbolic;
}

function convolved(graph: GraphBuilder, { x, filter }: Operands, attributes: tf.Conv2DAttrs): Symbolic {
  const windows = convWindows(x.shape, filter.shape, attributes);
  const weights = graph.transpose(graph.full(filter), [3, 2, 0, 1]);
  return conv(graph, x, weights, windows, { format: attributes.dataFormat });
}

function convolvedByChannel(graph: GraphBuilder, { x, filter }: Operands, attributes: Depthwise): Symbolic {
  const windows = convWindows(x.shape, filter.shape, attributes as never, true);
  return conv(graph, x, byChannel(graph, filter), windows, {
    format: attributes.dataFormat,
    group: filter.shape[2]!,
  });
}

/** Filters of a depthwise convolution as `[in · multiplier, 1, height, width]`. */
function byChannel(graph: GraphBuilder, filter: Symbolic): Value<number> {
  const [height, width, channels, multiplier] = filter.shape as [number, number, number, number];
  const turned = graph.transpose(graph.full(filter), [2, 3, 0, 1]);
  return graph.reshape(turned, [channels * multiplier, 1, height, width]);
}

function conv(
  graph: GraphBuilder,
  x: Symbolic,
  weights: Value<number>,
  windows: Windows,
  { format = 'NHWC', group = 1 }: { readonly format?: string | undefined; readonly group?: number },
): Symbolic {
  const data = channelsFirst(graph, x, format);
  const shape = [data.shape[0]!, weights.shape[0]!, ...windows.output];
  const attributes = { ...windowAttributes(windows), ...(group > 1 && { group }) };
  return inFormat(graph, graph.node('Conv', [data, weights], 'float32', shape, attributes), format);
}

interface Spread {
  readonly dy: Symbolic;
  /** `[channels of dy, channels of the result / group, height, width]` */
  readonly weights: Value<number>;
  readonly windows: Windows;
  /** Shape of the result, in its layout. */
  readonly shape: readonly number[];
  readonly format?: string;
  readonly group?: number;
}

/** What each element of `dy` adds to the map whose windows they come from. */
function spread(graph: GraphBuilder, { dy, weights, windows, shape, format, group = 1 }: Spread): Symbolic {
  const data = channelsFirst(graph, dy, format);
  const channels = format === 'NCHW' ? shape[1]! : shape[3]!;
  const attributes = {
    ...windowAttributes(windows),
    output_padding: outputPadding(windows),
    ...(group > 1 && { group }),
  };
  const dims = [data.shape[0]!, channels, ...windows.input];
  return inFormat(graph, graph.node('ConvTranspose', [data, weights], 'float32', dims, attributes), format);
}

/** The gradient of filters: `rows` under windows that step by the dilation and take every stride-th element. */
function correlated(
  graph: GraphBuilder,
  rows: Value<number>,
  filters: Value<number>,
  windows: Windows,
  group: number,
): Value<number> {
  const { input, output, kernel, strides, dilations, pads } = windows;
  // Below and to the right the map may reach beyond the last window: what that adds is cut off behind.
  const sides = ([0, 1] as const).map(i => {
    const reach = input[i] + pads[i] + pads[i + 2]! - ((output[i] - 1) * strides[i] + 1);
    return Math.floor(reach / dilations[i]) + 1;
  });
  const attributes = {
    strides: dilations,
    dilations: strides,
    pads,
    ...(group > 1 && { group }),
  };
  const shape = [rows.shape[0]!, filters.shape[0]!, ...sides];
  const made = graph.node('Conv', [rows, filters], 'float32', shape, attributes);
  if (sides.every((side, i) => side === kernel[i])) return made;
  const bounds = [[0, 0], [...kernel], [2, 3]].map(list => graph.integers(list));
  return graph.node('Slice', [made, ...bounds], 'float32', [...shape.slice(0, 2), ...kernel]);
}

function asSymbolic(value: Value<number>): Symbolic {
  return { value, shape: value.shape };
}
