import { intAttribute, intsAttribute, stringAttribute } from '../graph/attributes.ts';
import type { NodeProto } from '../schema/generated/onnx_pb.ts';
import { TensorProto_DataType } from '../schema/generated/onnx_pb.ts';
import { type Dim, dimsText, mayEqual, type Rule, ShapeProblem } from './shaped.ts';

/** Sizes of the output of a window that slides over the spatial dimensions. */
function slide(node: NodeProto, spatial: readonly Dim[], kernel: readonly Dim[]): Dim[] {
  const strides = intsAttribute(node, 'strides');
  const dilations = intsAttribute(node, 'dilations');
  const pads = intsAttribute(node, 'pads');
  const autoPad = stringAttribute(node, 'auto_pad', 'NOTSET');
  const ceil = intAttribute(node, 'ceil_mode', 0) === 1;
  return spatial.map((size, axis) => {
    const window = kernel[axis];
    const stride = strides?.[axis] ?? 1;
    if (typeof size !== 'number' || typeof window !== 'number') return null;
    if (autoPad.startsWith('SAME')) return Math.ceil(size / stride);
    const padding = autoPad === 'VALID' ? 0 : (pads?.[axis] ?? 0) + (pads?.[axis + spatial.length] ?? 0);
    const steps = (size + padding - ((dilations?.[axis] ?? 1) * (window - 1) + 1)) / stride;
    if (steps < 0) throw new ShapeProblem(`at least ${window} values along spatial axis ${axis}`, `${size}`);
    return (ceil ? Math.ceil(steps) : Math.floor(steps)) + 1;
  });
}

const conv: Rule = context => {
  const { node } = context;
  const [x, w] = [context.input(0), context.input(1)];
  const type = x.type ?? w.type;
  if (x.dims === undefined || w.dims === undefined) return [{ type }];
  if (x.dims.length !== w.dims.length || x.dims.length < 3) {
    throw new ShapeProblem(
      'input and kernel of one rank, at least 3',
      `${dimsText(x.dims)} and ${dimsText(w.dims)}`,
    );
  }
  const group = intAttribute(node, 'group', 1);
  const channels = typeof w.dims[1] === 'number' ? w.dims[1] * group : null;
  if (!mayEqual(x.dims[1], channels)) {
    throw new ShapeProblem(
      `${channels} channels (kernel ${dimsText(w.dims)}, group ${group})`,
      dimsText(x.dims),
    );
  }
  return [{ type, dims: [x.dims[0]!, w.dims[0]!, ...slide(node, x.dims.slice(2), w.dims.slice(2))] }];
};

const pool: Rule = context => {
  const x = context.input(0);
  const kernel = intsAttribute(context.node, 'kernel_shape') ?? [];
  if (x.dims === undefined) return [{ type: x.type }];
  if (x.dims.length !== kernel.length + 2) {
    throw new ShapeProblem(`an input of rank ${kernel.length + 2}`, dimsText(x.dims));
  }
  const dims = [...x.dims.slice(0, 2), ...slide(context.node, x.dims.slice(2), kernel)];
  return [
    { type: x.type, dims },
    { type: TensorProto_DataType.INT64, dims },
  ];
};

const globalPool: Rule = context => {
  const { type, dims } = context.input(0);
  return [{ type, dims: dims?.map((dim, axis) => (axis < 2 ? dim : 1)) }];
};

/** Rules of operators that slide or pool over space. */
export const windowRules: Readonly<Record<string, Rule>> = {
  Conv: conv,
  AveragePool: pool,
  MaxPool: pool,
  LpPool: pool,
  GlobalAveragePool: globalPool,
  GlobalMaxPool: globalPool,
  GlobalLpPool: globalPool,
};
