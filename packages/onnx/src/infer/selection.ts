import { intAttribute, intsAttribute } from '../graph/attributes.ts';
import { TensorProto_DataType } from '../schema/generated/onnx_pb.ts';
import { broadcast } from './broadcast.ts';
import { type Dim, integersOf, normalizeAxis, type Rule } from './shaped.ts';

const { INT64 } = TensorProto_DataType;

const shape: Rule = context => {
  const { dims } = context.input(0);
  if (dims === undefined) return [{ type: INT64, dims: [null] }];
  const start = intAttribute(context.node, 'start', 0);
  const elements = dims.slice(start, intAttribute(context.node, 'end') ?? dims.length);
  return [{ type: INT64, dims: [elements.length], elements }];
};

const gather: Rule = context => {
  const [data, indices] = [context.input(0), context.input(1)];
  const axis = intAttribute(context.node, 'axis', 0);
  const picks = integersOf(context, 1);
  const elements =
    data.elements && picks && axis === 0 ? picks.map(pick => data.elements!.at(pick) ?? null) : undefined;
  if (data.dims === undefined || indices.dims === undefined) return [{ type: data.type, elements }];
  const at = normalizeAxis(axis, data.dims.length);
  const dims = [...data.dims.slice(0, at), ...indices.dims, ...data.dims.slice(at + 1)];
  return [{ type: data.type, dims, elements }];
};

const slice: Rule = context => {
  const { type, dims, elements } = context.input(0);
  if (dims === undefined) return [{ type }];
  const given = (name: string, index: number): number[] | undefined =>
    intsAttribute(context.node, name) ?? integersOf(context, index);
  const [starts, ends] = [given('starts', 1), given('ends', 2)];
  const hasAxes = (context.node.input[3] ?? '') !== '';
  const axes = given('axes', 3) ?? (hasAxes ? undefined : starts?.map((_, axis) => axis));
  if (starts === undefined || ends === undefined || axes === undefined) {
    return [{ type, dims: dims.map(() => null) }];
  }
  const hasSteps = (context.node.input[4] ?? '') !== '';
  const steps = integersOf(context, 4) ?? (hasSteps ? undefined : axes.map(() => 1));
  const result: Dim[] = [...dims];
  for (const [i, raw] of axes.entries()) {
    const axis = normalizeAxis(raw, dims.length);
    result[axis] = sliceLength(dims[axis]!, starts[i]!, ends[i]!, steps?.[i]);
  }
  const whole = dims.length === 1 && elements !== undefined && steps?.[0] === 1;
  return [{ type, dims: result, elements: whole ? elements.slice(starts[0], ends[0]) : undefined }];
};

function sliceLength(size: Dim, start: number, end: number, step: number | undefined): Dim {
  if (step === 1 && start === 0 && end >= 2 ** 31 - 1) return size;
  if (typeof size !== 'number' || step === undefined || step === 0) return null;
  const clamp = (index: number): number => {
    const from = index < 0 ? index + size : index;
    return step > 0 ? Math.min(Math.max(from, 0), size) : Math.min(Math.max(from, -1), size - 1);
  };
  return Math.max(0, Math.ceil((clamp(end) - clamp(start)) / step));
}

const expand: Rule = context => {
  const { type, dims } = context.input(0);
  return [{ type, dims: broadcast(dims, context.input(1).elements) }];
};

const pad: Rule = context => {
  const { type, dims } = context.input(0);
  const pads = intsAttribute(context.node, 'pads') ?? integersOf(context, 1);
  if (dims === undefined) return [{ type }];
  if (pads === undefined || (context.node.input[3] ?? '') !== '')
    return [{ type, dims: dims.map(() => null) }];
  const rank = dims.length;
  return [
    {
      type,
      dims: dims.map((dim, axis) => {
        const extra = (pads[axis] ?? 0) + (pads[axis + rank] ?? 0);
        if (extra === 0) return dim;
        return typeof dim === 'number' ? dim + extra : null;
      }),
    },
  ];
};

/** Rules of operators that pick, repeat or pad elements. */
export const selectionRules: Readonly<Record<string, Rule>> = {
  Shape: shape,
  Size: () => [{ type: INT64, dims: [] }],
  Gather: gather,
  Slice: slice,
  Expand: expand,
  Pad: pad,
};
