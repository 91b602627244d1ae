import {
  floatAttribute,
  intAttribute,
  intsAttribute,
  makeAttribute,
  stringAttribute,
} from '../graph/attributes.ts';
import { makeNode } from '../graph/build.ts';
import { type NodeProto, TensorProto_DataType } from '../schema/generated/onnx_pb.ts';
import type { Tensor } from '../session/session.ts';

export interface AdapterContext {
  /** A tensor name that is not taken. */
  fresh(wanted: string): string;
  rankOf(tensor: string): number | undefined;
  /** The value of a tensor that the file fixes. */
  constant(tensor: string): Tensor | undefined;
  /** ONNX data type number, where known. */
  typeOf(tensor: string): number | undefined;
}

/** Returns what replaces a node in the next opset, or why nothing can. */
export type Adapter = (node: NodeProto, context: AdapterContext) => NodeProto[] | string;

const { FLOAT } = TensorProto_DataType;
const integers = (values: readonly number[]): Tensor => ({
  type: 'int64',
  dims: [values.length],
  data: BigInt64Array.from(values, BigInt),
});
const scalar = (value: number): Tensor => ({ type: 'float32', dims: [], data: Float32Array.of(value) });

function without(node: NodeProto, ...names: readonly string[]): NodeProto {
  return { ...node, attribute: node.attribute.filter(({ name }) => !names.includes(name)) };
}

function withAttribute(node: NodeProto, name: string, value: bigint | string): NodeProto {
  return { ...node, attribute: [...without(node, name).attribute, makeAttribute(name, value)] };
}

/**
 * Moves values from attributes to inputs: constants in front of the node; undefined leaves an input out. A scalar gets the
 * element type of the node's input.
 */
function toInputs(
  node: NodeProto,
  context: AdapterContext,
  values: readonly (readonly [string, Tensor | undefined])[],
): NodeProto[] {
  const constants: NodeProto[] = [];
  const inputs = values.map(([name, value]) => {
    if (value === undefined) return '';
    const output = context.fresh(`${node.output[0]}.${name}`);
    constants.push(makeNode('Constant', { inputs: [], outputs: [output], attributes: { value } }));
    const type = context.typeOf(node.input[0]!);
    if (value.type !== 'float32' || value.dims.length > 0 || type === undefined || type === FLOAT)
      return output;
    const cast = context.fresh(`${output}.cast`);
    constants.push(makeNode('Cast', { inputs: [output], outputs: [cast], attributes: { to: BigInt(type) } }));
    return cast;
  });
  while (inputs.at(-1) === '') inputs.pop();
  const rest = without(node, ...values.map(([name]) => name));
  return [...constants, { ...rest, input: [node.input[0]!, ...inputs] }];
}

const axesToInput: Adapter = (node, context) => {
  const axes = intsAttribute(node, 'axes');
  return axes === undefined ? [node] : toInputs(node, context, [['axes', integers(axes)]]);
};

const sliceToInputs: Adapter = (node, context) => {
  const axes = intsAttribute(node, 'axes');
  return toInputs(node, context, [
    ['starts', integers(intsAttribute(node, 'starts') ?? [])],
    ['ends', integers(intsAttribute(node, 'ends') ?? [])],
    ['axes', axes && integers(axes)],
  ]);
};

const topKToInput: Adapter = (node, context) =>
  toInputs(node, context, [['k', integers([intAttribute(node, 'k', 1)])]]);

/** Defaults of the old attributes were the largest floats, so both limits are only given where set. */
const clipToInputs: Adapter = (node, context) => {
  const has = (name: string): boolean => node.attribute.some(attribute => attribute.name === name);
  return toInputs(node, context, [
    ['min', has('min') ? scalar(floatAttribute(node, 'min', 0)) : undefined],
    ['max', has('max') ? scalar(floatAttribute(node, 'max', 0)) : undefined],
  ]);
};

const padToInputs: Adapter = (node, context) => {
  const pads = intsAttribute(node, 'pads');
  if (pads === undefined) return 'pads given under an old name';
  return toInputs(node, context, [
    ['pads', integers(pads)],
    ['value', scalar(floatAttribute(node, 'value', 0))],
  ]);
};

/** Ratio matters in training only; at inference the node passes its input on. */
const dropoutToInput: Adapter = (node, context) =>
  toInputs(node, context, [['ratio', scalar(floatAttribute(node, 'ratio', 0.5))]]);

const splitToInput: Adapter = (node, context) => {
  const split = intsAttribute(node, 'split');
  return split === undefined ? [node] : toInputs(node, context, [['split', integers(split)]]);
};

const splitCount: Adapter = node =>
  node.input.length > 1 && node.input[1] !== ''
    ? [node]
    : [withAttribute(node, 'num_outputs', BigInt(node.output.length))];

/** Softmax used to flatten its input to a matrix at `axis` (default 1); now it works along one axis (default −1). */
const softmaxAlongAxis: Adapter = (node, context) => {
  const axis = intAttribute(node, 'axis', 1);
  const rank = context.rankOf(node.input[0]!);
  if (axis === -1 || axis + 1 === rank) return [withAttribute(node, 'axis', -1n)];
  const [shape, flat, result] = ['shape', 'flat', 'rows'].map(name =>
    context.fresh(`${node.output[0]}.${name}`),
  );
  return [
    makeNode('Shape', { inputs: [node.input[0]!], outputs: [shape!] }),
    makeNode('Flatten', { inputs: [node.input[0]!], outputs: [flat!], attributes: { axis: BigInt(axis) } }),
    { ...withAttribute(node, 'axis', -1n), input: [flat!], output: [result!] },
    makeNode('Reshape', { inputs: [result!, shape!], outputs: [node.output[0]!] }),
  ];
};

const upsampleScales: Adapter = (node, context) => {
  const scales = node.attribute.find(({ name }) => name === 'scales')?.floats ?? [];
  return toInputs(node, context, [
    ['scales', { type: 'float32', dims: [scales.length], data: Float32Array.from(scales) }],
  ]);
};

const rename =
  (opType: string): Adapter =>
  node => [{ ...node, opType }];

/** Opset 10 sampled at `x / scale`, rounded down when enlarging and up when shrinking. */
const resizeAsymmetric: Adapter = (node, context) => {
  const [x, scales] = node.input as [string, string];
  const placed = withAttribute(node, 'coordinate_transformation_mode', 'asymmetric');
  const rounding =
    stringAttribute(node, 'mode', 'nearest') === 'nearest' ? roundingOf(context.constant(scales)) : '';
  if (rounding === undefined)
    return 'nearest-neighbour scaling by factors that are computed, or both enlarge and shrink';
  // Opset 11 wants a region of interest even where it is not used.
  const roi = context.fresh(`${node.output[0]}.roi`);
  const value = { ...scalar(0), dims: [0], data: new Float32Array(0) } as Tensor;
  return [
    makeNode('Constant', { inputs: [], outputs: [roi], attributes: { value } }),
    { ...(rounding ? withAttribute(placed, 'nearest_mode', rounding) : placed), input: [x, roi, scales] },
  ];
};

function roundingOf(scales: Tensor | undefined): 'floor' | 'ceil' | undefined {
  if (scales?.type !== 'float32') return undefined;
  if (scales.data.every(scale => scale >= 1)) return 'floor';
  return scales.data.every(scale => scale <= 1) ? 'ceil' : undefined;
}

const normalizeForInference: Adapter = node =>
  node.output.filter(name => name !== '').length > 1 ? 'batch normalisation with training outputs' : [node];

const perChannel: Adapter = node =>
  intAttribute(node, 'spatial', 1) === 1 ? [without(node, 'spatial')] : 'batch normalisation per activation';

const gridModes: Adapter = node => {
  const mode = stringAttribute(node, 'mode', 'bilinear');
  const names: Readonly<Record<string, string>> = { bilinear: 'linear', bicubic: 'cubic' };
  return [withAttribute(node, 'mode', names[mode] ?? mode)];
};

const dftAxis: Adapter = (node, context) => {
  const axis = context.fresh(`${node.output[0]}.axis`);
  const value: Tensor = {
    type: 'int64',
    dims: [],
    data: BigInt64Array.of(BigInt(intAttribute(node, 'axis', 1))),
  };
  const constant = makeNode('Constant', { inputs: [], outputs: [axis], attributes: { value } });
  return [constant, { ...without(node, 'axis'), input: [node.input[0]!, node.input[1] ?? '', axis] }];
};

const halfPixel: Adapter = node => [
  withAttribute(node, 'coordinate_transformation_mode', 'output_half_pixel'),
];
const impossible =
  (reason: string): Adapter =>
  () =>
    reason;

const reductions = 'L1 L2 LogSum LogSumExp Max Mean Min Prod SumSquare'
  .split(' ')
  .map(kind => `Reduce${kind}`);

/**
 * By the version that changed it: what to do to a node of each operator whose meaning or form changed. All other changes
 * up to opset 28 only admit more (types, negative axes); ONNX's own version converter treats the same ones as compatible.
 */
export const adapters: Readonly<Record<number, Readonly<Record<string, Adapter>>>> = {
  9: {
    BatchNormalization: perChannel,
    Upsample: upsampleScales,
    Scan: impossible('Scan with batches, of opset 8'),
  },
  10: { Slice: sliceToInputs, TopK: topKToInput, Upsample: rename('Resize') },
  11: { Clip: clipToInputs, Pad: padToInputs, Resize: resizeAsymmetric, Scatter: rename('ScatterElements') },
  12: { Dropout: dropoutToInput },
  13: {
    ReduceSum: axesToInput,
    Squeeze: axesToInput,
    Unsqueeze: axesToInput,
    Split: splitToInput,
    Softmax: softmaxAlongAxis,
    LogSoftmax: softmaxAlongAxis,
  },
  14: { BatchNormalization: normalizeForInference },
  16: { RoiAlign: halfPixel },
  18: { ...Object.fromEntries(reductions.map(op => [op, axesToInput])), Split: splitCount },
  20: { GridSample: gridModes, DFT: dftAxis },
  21: { GroupNormalization: impossible('scale and bias per group, of opset 20') },
};
