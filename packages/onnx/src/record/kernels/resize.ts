import type * as tf from '@tensorflow/tfjs';
import type { Symbolic } from '../graph/graph-builder.ts';
import type { Kernel, KernelCall, KernelTable } from './kernel.ts';
import { channelsFirst, inFormat } from './spatial.ts';

type ResizeAttributes = tf.ResizeBilinearAttrs | tf.ResizeNearestNeighborAttrs;

function resized(mode: 'linear' | 'nearest'): Kernel<ResizeAttributes> {
  return ({ inputs, attributes, graph }: KernelCall<ResizeAttributes>): Symbolic => {
    const { alignCorners, halfPixelCenters, size } = attributes;
    const data = channelsFirst(graph, graph.cast(inputs.images!, 'float32'));
    const shape = [...data.shape.slice(0, 2), ...size];
    const none = graph.constant(new Float32Array(0), 'float32', [0]);
    const value = graph.node('Resize', [data, none, none, graph.integers(shape)], 'float32', shape, {
      mode,
      coordinate_transformation_mode: alignCorners
        ? 'align_corners'
        : halfPixelCenters
          ? 'half_pixel'
          : 'asymmetric',
      ...(mode === 'nearest' && {
        nearest_mode: alignCorners || halfPixelCenters ? 'round_prefer_ceil' : 'floor',
      }),
    });
    return inFormat(graph, value);
  };
}

/** Images `[batch, height, width, channels]` in another size. */
export const resizeKernels: KernelTable = {
  ResizeBilinear: resized('linear'),
  ResizeNearestNeighbor: resized('nearest'),
};
