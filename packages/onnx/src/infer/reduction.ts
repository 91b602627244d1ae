import { intAttribute } from '../graph/attributes.ts';
import { TensorProto_DataType } from '../schema/generated/onnx_pb.ts';
import { axesOf } from './layout.ts';
import { normalizeAxis, type Rule } from './shaped.ts';

const reduce: Rule = context => {
  const { type, dims } = context.input(0);
  const axes = axesOf(context, 1);
  if (dims === undefined || axes === undefined) return [{ type }];
  const keep = intAttribute(context.node, 'keepdims', 1) === 1;
  const isNoop = intAttribute(context.node, 'noop_with_empty_axes', 0) === 1;
  if (!axes?.length && isNoop) return [{ type, dims }];
  const gone = new Set(axes?.length ? axes.map(axis => normalizeAxis(axis, dims.length)) : dims.keys());
  const kept = dims.map((dim, axis) => (gone.has(axis) ? 1 : dim));
  return [{ type, dims: keep ? kept : kept.filter((_, axis) => !gone.has(axis)) }];
};

const argument: Rule = context => {
  const { dims } = context.input(0);
  const type = TensorProto_DataType.INT64;
  if (dims === undefined) return [{ type }];
  const at = normalizeAxis(intAttribute(context.node, 'axis', 0), dims.length);
  const keep = intAttribute(context.node, 'keepdims', 1) === 1;
  return [{ type, dims: dims.flatMap((dim, axis) => (axis !== at ? [dim] : keep ? [1] : [])) }];
};

const topK: Rule = context => {
  const { type, dims } = context.input(0);
  const k = context.input(1).elements?.[0] ?? intAttribute(context.node, 'k') ?? null;
  const at = dims && normalizeAxis(intAttribute(context.node, 'axis', -1), dims.length);
  const result = dims?.map((dim, axis) => (axis === at ? k : dim));
  return [
    { type, dims: result },
    { type: TensorProto_DataType.INT64, dims: result },
  ];
};

const reductions =
  'ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare';

/** Rules of operators that fold axes. */
export const reductionRules: Readonly<Record<string, Rule>> = {
  ...Object.fromEntries(reductions.split(' ').map(op => [op, reduce])),
  ArgMax: argument,
  ArgMin: argument,
  TopK: topK,
};
