import { type ErrorParts, elementCount } from '@ood/core';
import type { Tensor, TensorInfo } from '@ood/onnx';
import { FeaturesError } from '../errors.ts';
import type { PreparedRow } from './prepared.ts';
import type { PreparedTensor } from './prepared-tensor.ts';

/** Types of inputs that images and vectors are for. */
const imageTypes = ['float32', 'float16', 'uint8'];

/**
 * The single image (or vector) input of a model; `dims[0]` is the batch.
 *
 * @throws FeaturesError MODEL_INPUT_MISMATCH for a model of several inputs, of strings or token ids, or without a batch
 */
export function singleInput(inputs: readonly TensorInfo[]): TensorInfo {
  const [info, ...others] = inputs;
  if (!info || others.length > 0)
    throw mismatch({
      where: 'model',
      expected: 'one input',
      got: `${inputs.length} (${inputs.map(i => i.name).join(', ')})`,
      advice:
        'fix those that are the same for every sample by the option inputs (--input NAME=VALUE), or give samples as tensors by name',
      details: { inputs },
    });
  if (!imageTypes.includes(info.type))
    throw mismatch({
      where: `input '${info.name}'`,
      expected: `element type ${imageTypes.join(', ')}`,
      got: info.type,
      advice: 'give samples as tensors of that type',
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

/** The batch size that the model demands, where the first dimension of its inputs is fixed. */
export function fixedBatch([info]: readonly TensorInfo[]): number | undefined {
  const batch = info?.dims[0];
  return typeof batch === 'number' && batch > 0 ? batch : undefined;
}

/** Checks that a row is one of this model. @throws FeaturesError MODEL_INPUT_MISMATCH */
export function checkRow(inputs: readonly TensorInfo[], row: PreparedRow): void {
  for (const info of inputs) {
    const tensor = row[info.name];
    if (tensor === undefined)
      throw mismatch({
        where: `input '${info.name}'`,
        expected: `a tensor ${show(info.dims.slice(1))} of ${info.type}`,
        got: `tensors of ${Object.keys(row).join(', ') || 'none'}`,
        advice: 'give one of each input, or fix its value by the option inputs (--input NAME=VALUE)',
        details: { input: info },
      });
    if (tensor.type !== info.type)
      throw mismatch({
        where: `input '${info.name}'`,
        expected: `element type ${info.type}`,
        got: tensor.type,
        advice: 'give samples as tensors of that type',
        details: { input: info },
      });
    itemDims(info, tensor.dims);
  }
  if (Object.keys(row).length === inputs.length) return;
  const unknown = Object.keys(row).find(name => !inputs.some(info => info.name === name));
  throw mismatch({
    where: 'sample',
    expected: `tensors of the inputs ${inputs.map(info => info.name).join(', ')}`,
    got: `one of '${unknown}'`,
    advice: 'leave it out',
    details: { input: unknown },
  });
}

/** Shape of one sample in the model's input: as prepared, or reshaped where only the rank differs. */
export function itemDims(info: TensorInfo, dims: readonly number[]): readonly number[] {
  const wanted = info.dims.slice(1);
  if (wanted.length === dims.length) {
    if (wanted.every((dim, i) => fits(dim, dims[i]!))) return dims;
    throw wrongShape(info, dims);
  }
  const fixed = wanted.filter(isFixed);
  const rest = elementCount(dims) / elementCount(fixed);
  const free = wanted.length - fixed.length;
  if ((free === 0 && rest === 1) || (free === 1 && Number.isInteger(rest)))
    return wanted.map(dim => (isFixed(dim) ? dim : rest));
  throw wrongShape(info, dims);
}

/**
 * One batch tensor from rows of equal shape, filled up with zeros to `rows`. It is written to `into` where that is of the right
 * type and long enough.
 */
export function batchTensor(
  info: TensorInfo,
  items: readonly PreparedTensor[],
  { rows, into }: { readonly rows: number; readonly into?: PreparedTensor['data'] | undefined },
): Tensor & { readonly data: PreparedTensor['data'] } {
  const { data: first, dims, type } = items[0]!;
  const Values = first.constructor as Float32ArrayConstructor;
  const length = first.length * rows;
  const fits = into?.constructor === Values && into.length >= length;
  const data = fits ? (into as Float32Array).subarray(0, length) : new Values(length);
  items.forEach((item, row) => {
    data.set(item.data as Float32Array, row * first.length);
  });
  // New arrays are zeros; and those of bigint take no number.
  if (fits) data.fill(zeroOf(data), items.length * first.length);
  return { type, dims: [rows, ...itemDims(info, dims)], data } as never;
}

const zeroOf = (data: object): never =>
  (data instanceof BigInt64Array || data instanceof BigUint64Array ? 0n : 0) as never;

export function isFixed(dim: TensorInfo['dims'][number]): dim is number {
  return typeof dim === 'number' && dim > 0;
}

/** Whether a size can be what an input wants; `null` for one that is not known yet. */
export function fits(wanted: TensorInfo['dims'][number], got: number | null): boolean {
  return !isFixed(wanted) || got === null || wanted === got;
}

export function wrongShape(info: TensorInfo, dims: readonly (number | null)[]): FeaturesError {
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

export function mismatch(parts: ErrorParts): FeaturesError {
  return new FeaturesError('MODEL_INPUT_MISMATCH', parts);
}
