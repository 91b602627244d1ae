import type { ErrorParts } from '@ood/core';
import type { Tensor, TensorInfo } from '@ood/onnx';
import type { Backbone } from '../backbone/backbone.ts';
import { FeaturesError } from '../errors.ts';
import { outputSize } from '../preprocessing/geometry.ts';
import type { PreparedImage } from '../preprocessing/prepare.ts';
import { channelsOf, type Preprocessing } from '../preprocessing/preprocessing.ts';

const imageTypes = ['float32', 'float16', 'uint8'];

/**
 * The single image (or vector) input of a model; `dims[0]` is the batch.
 *
 * @throws FeaturesError MODEL_INPUT_MISMATCH for a model of several inputs, of strings or token ids, or without a batch
 */
export function modelInput(model: Pick<Backbone, 'inputs'>): TensorInfo {
  const [info, ...others] = model.inputs;
  if (!info || others.length > 0)
    throw mismatch({
      where: 'model',
      expected: 'one input',
      got: `${model.inputs.length} (${model.inputs.map(i => i.name).join(', ')})`,
      advice: 'call backbone.run with tensors by name instead',
      details: { inputs: model.inputs },
    });
  if (!imageTypes.includes(info.type))
    throw mismatch({
      where: `input '${info.name}'`,
      expected: `element type ${imageTypes.join(', ')}`,
      got: info.type,
      advice: 'call backbone.run with tensors of that type instead',
      details: { input: info },
    });
  if (info.dims.length < 2)
    throw mismatch({
      where: `input '${info.name}'`,
      expected: 'a batch dimension and at least one more',
      got: `shape ${show(info.dims)}`,
      advice: 'export the model with a batch dimension',
      details: { input: info },
    });
  return info;
}

/** The batch size that the model demands, where its first dimension is fixed. */
export function fixedBatch({ dims }: TensorInfo): number | undefined {
  const batch = dims[0];
  return typeof batch === 'number' && batch > 0 ? batch : undefined;
}

/**
 * Checks, before anything is decoded, that the preprocessing can feed the model.
 *
 * @throws FeaturesError MODEL_INPUT_MISMATCH
 */
export function checkPreprocessing(info: TensorInfo, preprocessing: Preprocessing): void {
  if (info.type !== preprocessing.dtype)
    throw mismatch({
      where: `input '${info.name}'`,
      expected: info.type,
      got: `${preprocessing.dtype} from the preprocessing`,
      advice: `set its dtype to '${info.type}'`,
      details: { input: info, dtype: preprocessing.dtype },
    });
  const size = outputSize(preprocessing);
  const channels = channelsOf(preprocessing);
  const [h, w] = size ? [size.height, size.width] : [null, null];
  const dims = preprocessing.layout === 'NCHW' ? [channels, h, w] : [h, w, channels];
  if (size) itemDims(info, dims as number[]);
  else if (info.dims.length === 4 && !dims.every((dim, i) => fits(info.dims[i + 1]!, dim)))
    throw wrongShape(info, dims);
}

/** Shape of one sample in the model's input: as prepared, or reshaped where only the rank differs. */
export function itemDims(info: TensorInfo, dims: readonly number[]): readonly number[] {
  const wanted = info.dims.slice(1);
  if (wanted.length === dims.length) {
    if (wanted.every((dim, i) => fits(dim, dims[i]!))) return dims;
    throw wrongShape(info, dims);
  }
  const fixed = wanted.filter(isFixed);
  const rest = product(dims) / product(fixed);
  const free = wanted.length - fixed.length;
  if ((free === 0 && rest === 1) || (free === 1 && Number.isInteger(rest)))
    return wanted.map(dim => (isFixed(dim) ? dim : rest));
  throw wrongShape(info, dims);
}

/**
 * One batch tensor from prepared samples of equal shape, filled up with zeros to `rows`. It is written to `into` where that
 * is of the right type and long enough.
 */
export function batchTensor(
  info: TensorInfo,
  items: readonly PreparedImage[],
  { rows, into }: { readonly rows: number; readonly into?: PreparedImage['data'] | undefined },
): Tensor & { readonly data: PreparedImage['data'] } {
  const { data: first, dims, type } = items[0]!;
  const Values = first.constructor as Float32ArrayConstructor;
  const length = first.length * rows;
  const fits = into?.constructor === Values && into.length >= length;
  const data = fits ? (into as Float32Array).subarray(0, length) : new Values(length);
  items.forEach((item, row) => {
    data.set(item.data, row * first.length);
  });
  data.fill(0, items.length * first.length);
  return { type, dims: [rows, ...itemDims(info, dims)], data } as never;
}

function isFixed(dim: TensorInfo['dims'][number]): dim is number {
  return typeof dim === 'number' && dim > 0;
}

function fits(wanted: TensorInfo['dims'][number], got: number | null): boolean {
  return !isFixed(wanted) || got === null || wanted === got;
}

function product(dims: readonly number[]): number {
  return dims.reduce((a, b) => a * b, 1);
}

function wrongShape(info: TensorInfo, dims: readonly (number | null)[]): FeaturesError {
  return mismatch({
    where: `input '${info.name}'`,
    expected: `samples of shape ${show(info.dims.slice(1))}`,
    got: show(dims),
    advice: "change the preprocessing's crop, color or layout to the model's",
    details: { input: info, dims },
  });
}

function show(dims: readonly unknown[]): string {
  return `[${dims.map(dim => dim ?? '?').join(', ')}]`;
}

function mismatch(parts: ErrorParts): FeaturesError {
  return new FeaturesError('MODEL_INPUT_MISMATCH', parts);
}
