import {
  arrayFromBytes,
  bytesOf,
  bytesPerElement,
  type DenseArray,
  decodeNpy,
  decodeSafetensors,
  type ElementType,
  elementTypeOf,
  encodeNpy,
  type Matrix as FloatMatrix,
  safetensorsParts,
} from '@ood/core';
import { readPlainFile, writeWholeFile } from '@ood/core/node';

/** A dense array in the terms of the runtime's tensors. To be replaced by core's `DenseArray` once its last users have moved. */
export interface NumericArray {
  readonly type: ElementType;
  readonly dims: readonly number[];
  readonly data: DenseArray['data'];
}

/** Dense float32 rows. */
export type Matrix = FloatMatrix<Float32Array>;

/** The array of a `.npy` file. */
export async function readNpy(path: string): Promise<NumericArray> {
  return named(decodeNpy(await readPlainFile(path, { what: 'a .npy file' }), path));
}

/** Writes a `.npy` file whole. */
export async function writeNpy(path: string, array: NumericArray): Promise<void> {
  await writeWholeFile(path, encodeNpy(dense(array)));
}

/** The arrays and metadata of a safetensors file. */
export async function readSafetensors(
  path: string,
  names?: readonly string[],
): Promise<{
  readonly tensors: Readonly<Record<string, NumericArray>>;
  readonly metadata: Readonly<Record<string, string>>;
}> {
  const { arrays, metadata } = decodeSafetensors(
    await readPlainFile(path, { what: 'a .safetensors file' }),
    path,
  );
  const kept = Object.entries(arrays).filter(([name]) => names === undefined || names.includes(name));
  return { tensors: Object.fromEntries(kept.map(([name, array]) => [name, named(array)])), metadata };
}

/** Writes a safetensors file whole. */
export async function writeSafetensors(
  path: string,
  tensors: Readonly<Record<string, NumericArray>>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  const arrays = Object.fromEntries(Object.entries(tensors).map(([name, array]) => [name, dense(array)]));
  await writeWholeFile(path, safetensorsParts({ arrays, metadata }));
}

function named(array: DenseArray): NumericArray {
  return { type: elementTypeOf(array), dims: array.shape, data: array.data };
}

/** The same array in core's terms. */
export function dense({ type, dims, data }: NumericArray): DenseArray {
  if (data.BYTES_PER_ELEMENT !== bytesPerElement(type)) return { shape: dims, data };
  return arrayFromBytes(type, dims, bytesOf({ data }));
}
