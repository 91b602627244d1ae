import * as tf from '@tensorflow/tfjs';
import type { Attribute, Value } from '../graph/graph.ts';
import type { GraphBuilder, Symbolic } from '../graph/graph-builder.ts';

/** How windows of a convolution or pooling lie on a map. */
export interface Windows {
  /** Height and width of the map, of its result, and of a window. */
  readonly input: Pair;
  readonly output: Pair;
  readonly kernel: Pair;
  readonly strides: Pair;
  readonly dilations: Pair;
  /** Above, left, below, right. */
  readonly pads: readonly [number, number, number, number];
}

type Pair = readonly [number, number];

interface ConvAttributes {
  readonly strides: number | [number, number];
  readonly pad: tf.Conv2DAttrs['pad'];
  readonly dimRoundingMode?: tf.Conv2DAttrs['dimRoundingMode'];
  readonly dilations?: number | [number, number] | null;
  readonly dataFormat?: 'NHWC' | 'NCHW';
}

/** Windows of a convolution over a map of `shape` (in the kernel's own layout), by tfjs's rules. */
export function convWindows(
  shape: readonly number[],
  filter: readonly number[],
  { strides, pad, dimRoundingMode, dilations, dataFormat = 'NHWC' }: ConvAttributes,
  depthwise = false,
): Windows {
  const info = tf.backend_util.computeConv2DInfo(
    shape as [number, number, number, number],
    filter as [number, number, number, number],
    strides,
    // Layers hand null on.
    dilations ?? 1,
    pad,
    dimRoundingMode,
    depthwise,
    tf.backend_util.convertConv2DDataFormat(dataFormat),
  );
  return windowsOf(info);
}

/** Windows of a pooling over a map `[batch, height, width, channels]`. */
export function poolWindows(
  shape: readonly number[],
  { filterSize, strides, pad, dimRoundingMode }: tf.MaxPoolAttrs | tf.AvgPoolAttrs,
): Windows {
  const info = tf.backend_util.computePool2DInfo(
    shape as [number, number, number, number],
    filterSize,
    strides,
    1,
    pad,
    dimRoundingMode,
  );
  return windowsOf(info);
}

function windowsOf(info: tf.backend_util.Conv2DInfo): Windows {
  const { top, left } = info.padInfo;
  const input: Pair = [info.inHeight, info.inWidth];
  const output: Pair = [info.outHeight, info.outWidth];
  const kernel: Pair = [info.filterHeight, info.filterWidth];
  const strides: Pair = [info.strideHeight, info.strideWidth];
  const dilations: Pair = [info.dilationHeight, info.dilationWidth];
  // As far as the last window reaches: ONNX has no rounding of sizes but down.
  const windows = { input, output, kernel, strides, dilations };
  const after = (axis: 0 | 1, before: number) => Math.max(0, extentOf(windows, axis) - input[axis] - before);
  return { ...windows, pads: [top, left, after(0, top), after(1, left)] };
}

/** How far windows reach along an axis, from the first to the last. */
function extentOf({ output, kernel, strides, dilations }: Omit<Windows, 'pads'>, axis: 0 | 1): number {
  return (output[axis] - 1) * strides[axis] + (kernel[axis] - 1) * dilations[axis] + 1;
}

/** Windows as attributes of ONNX's Conv, ConvTranspose and pools. */
export function windowAttributes({ kernel, strides, pads, dilations }: Windows): Record<string, Attribute> {
  return {
    kernel_shape: kernel,
    strides,
    pads,
    ...(dilations.some(dilation => dilation !== 1) && { dilations }),
  };
}

/** What ConvTranspose adds below and to the right to give back the map that the windows lay on. */
export function outputPadding(windows: Windows): Pair {
  const { input, pads } = windows;
  const side = (i: 0 | 1): number => input[i] - (extentOf(windows, i) - pads[i]! - pads[i + 2]!);
  return [side(0), side(1)];
}

/** A map `[batch, channels, height, width]` of one in tfjs's layout. */
export function channelsFirst(graph: GraphBuilder, x: Symbolic, format = 'NHWC'): Value<number> {
  const value = graph.full(x);
  return format === 'NCHW' ? value : graph.transpose(value, [0, 3, 1, 2]);
}

/** The way back. */
export function inFormat(graph: GraphBuilder, value: Value<number>, format = 'NHWC'): Symbolic {
  const result = format === 'NCHW' ? value : graph.transpose(value, [0, 2, 3, 1]);
  return { value: result, shape: result.shape };
}
