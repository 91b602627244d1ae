import type * as tf from '@tensorflow/tfjs';
import type { Value } from '../graph/graph.ts';
import type { GraphBuilder, Symbolic } from '../graph/graph-builder.ts';
import type { KernelCall, KernelTable } from './kernel.ts';
import {
  channelsFirst,
  inFormat,
  outputPadding,
  poolWindows,
  type Windows,
  windowAttributes,
} from './spatial.ts';

/** Pooling over maps `[batch, height, width, channels]`, and its gradients. What is padded counts for nothing. */
export const poolingKernels: KernelTable = {
  MaxPool: ({ inputs, attributes, graph }: KernelCall<tf.MaxPoolAttrs>) =>
    pooled(graph, 'MaxPool', inputs.x!, poolWindows(inputs.x!.shape, attributes)),
  AvgPool: ({ inputs, attributes, graph }: KernelCall<tf.AvgPoolAttrs>) =>
    pooled(graph, 'AveragePool', inputs.x!, poolWindows(inputs.x!.shape, attributes)),
  MaxPoolGrad: ({ inputs, attributes, graph }: KernelCall<tf.MaxPoolGradAttrs>) => {
    const { dy, input } = inputs as { dy: Symbolic; input: Symbolic };
    const data = channelsFirst(graph, input);
    const windows = poolWindows(input.shape, attributes);
    const shape = [...data.shape.slice(0, 2), ...windows.output];
    const [, places] = graph.fork(
      'MaxPool',
      [data],
      [graph.value('float32', shape), graph.value('int64', shape)],
      poolAttributes(windows),
    ) as [Value<number>, Value<number>];
    // The places are those in all of the flattened map; windows may share a largest element.
    const count = data.shape.reduce((product, dim) => product * dim, 1);
    const zeros = graph.node('Expand', [graph.scalar(0), graph.integers([count])], 'float32', [count]);
    const flat = [shape.reduce((product, dim) => product * dim, 1)];
    const operands = [zeros, graph.reshape(places, flat), graph.reshape(channelsFirst(graph, dy), flat)];
    const sums = graph.node('ScatterElements', operands, 'float32', [count], { axis: 0, reduction: 'add' });
    return inFormat(graph, graph.reshape(sums, data.shape));
  },
  AvgPoolGrad: ({ inputs, attributes, graph }: KernelCall<tf.AvgPoolGradAttrs>) => {
    const { dy, input } = inputs as { dy: Symbolic; input: Symbolic };
    const windows = poolWindows(input.shape, attributes);
    const [batch, , , channels] = input.shape as [number, number, number, number];
    const data = channelsFirst(graph, dy);
    // tfjs divides by all of a window, also where a part of it is padded.
    const count = graph.scalar(windows.kernel[0] * windows.kernel[1]);
    const shares = graph.node('Div', [data, count], 'float32', data.shape);
    // Each channel by itself: one convolution for all, with a filter of ones.
    const rows = graph.reshape(shares, [batch * channels, 1, ...windows.output]);
    const ones = graph.constant(new Float32Array(windows.kernel[0] * windows.kernel[1]).fill(1), 'float32', [
      1,
      1,
      ...windows.kernel,
    ]);
    const made = graph.node(
      'ConvTranspose',
      [rows, ones],
      'float32',
      [batch * channels, 1, ...windows.input],
      {
        ...windowAttributes(windows),
        output_padding: outputPadding(windows),
      },
    );
    return inFormat(graph, graph.reshape(made, [batch, channels, ...windows.input]));
  },
};

function pooled(graph: GraphBuilder, operator: string, x: Symbolic, windows: Windows): Symbolic {
  const data = channelsFirst(graph, x);
  const shape = [...data.shape.slice(0, 2), ...windows.output];
  return inFormat(graph, graph.node(operator, [data], 'float32', shape, poolAttributes(windows)));
}

function poolAttributes(windows: Windows) {
  const { kernel_shape, strides, pads } = windowAttributes(windows);
  return { kernel_shape: kernel_shape!, strides: strides!, pads: pads! };
}
