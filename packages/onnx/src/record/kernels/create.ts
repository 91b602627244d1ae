import type * as tf from '@tensorflow/tfjs';
import { valueType } from '../engine/recording-backend.ts';
import type { Kernel, KernelCall, KernelTable } from './kernel.ts';

/** A tensor like `x` in which every element is `number`: one constant that broadcasts. */
function filled(number: number): Kernel {
  return ({ inputs, graph }) => {
    const { value, shape } = inputs.x!;
    return { value: graph.scalar(number, value.type), shape };
  };
}

/** Kernels that make tensors from numbers. */
export const createKernels: KernelTable = {
  ZerosLike: filled(0),
  OnesLike: filled(1),
  Fill: ({ attributes, graph }: KernelCall<tf.FillAttrs>) => {
    const { shape, value, dtype } = attributes;
    const type = valueType(dtype ?? 'float32', 'Fill');
    return { value: graph.scalar(Number(value), type), shape };
  },
  LinSpace: ({ attributes, graph }: KernelCall<tf.LinSpaceAttrs>) => {
    const { start, stop, num } = attributes;
    const step = num > 1 ? (stop - start) / (num - 1) : 0;
    const numbers = Float32Array.from({ length: num }, (_, i) => start + i * step);
    return { value: graph.constant(numbers, 'float32', [num]), shape: [num] };
  },
  Range: ({ attributes, graph }: KernelCall<tf.RangeAttrs>) => {
    const { start, stop, step, dtype } = attributes;
    const type = valueType(dtype ?? 'float32', 'Range');
    const length = Math.max(0, Math.ceil((stop - start) / step));
    const bounds = [start, stop, step].map(number => graph.scalar(number, type));
    return { value: graph.node('Range', bounds, type, [length]), shape: [length] };
  },
};
