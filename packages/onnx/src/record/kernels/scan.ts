import * as tf from '@tensorflow/tfjs';
import type { Value } from '../graph/graph.ts';
import type { Symbolic } from '../graph/graph-builder.ts';
import { type KernelCall, type KernelTable, unsupported } from './kernel.ts';

const LONGEST_PRODUCT = 256;

/** Running sums and products. */
export const scanKernels: KernelTable = {
  Cumsum: ({ inputs, attributes, graph }: KernelCall<tf.CumsumAttrs>) => {
    const x = inputs.x!;
    const value = graph.full(x.value.type === 'bool' ? graph.cast(x, 'int32') : x);
    const [axis] = tf.util.parseAxisParam(attributes.axis, [...x.shape]);
    const flags = { exclusive: attributes.exclusive ? 1 : 0, reverse: attributes.reverse ? 1 : 0 };
    const at = graph.scalar(axis!, 'int32');
    return { value: graph.node('CumSum', [value, at], value.type, value.shape, flags), shape: value.shape };
  },
  Cumprod,
};

/** ONNX has no running product: one `Mul` per element of the axis. */
function Cumprod({ inputs, attributes, graph }: KernelCall<tf.CumprodAttrs>): Symbolic {
  const value = graph.full(inputs.x!);
  const [axis] = tf.util.parseAxisParam(attributes.axis, [...value.shape]);
  const length = value.shape[axis!]!;
  if (length > LONGEST_PRODUCT)
    throw unsupported('Cumprod', `at most ${LONGEST_PRODUCT} elements`, `${length}`);
  const shape = value.shape.map((dim, i) => (i === axis ? 1 : dim));
  const parts = Array.from({ length }, () => (length === 1 ? value : graph.value(value.type, shape)));
  const sizes = graph.integers(Array<number>(length).fill(1));
  if (length > 1) graph.fork('Split', [value, sizes], parts, { axis: axis! });
  const products: Value<number>[] = [];
  let running = graph.node('Expand', [graph.scalar(1, value.type), graph.integers(shape)], value.type, shape);
  for (const part of attributes.reverse ? [...parts].reverse() : parts) {
    const next = graph.node('Mul', [running, part], value.type, shape);
    products.push(attributes.exclusive ? running : next);
    running = next;
  }
  if (attributes.reverse) products.reverse();
  return {
    value: graph.node('Concat', products, value.type, value.shape, { axis: axis! }),
    shape: value.shape,
  };
}
