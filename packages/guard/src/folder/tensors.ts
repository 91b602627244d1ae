import { join } from 'node:path';
import type { DenseArray } from '@ood/core';
import { type NumericArray, readSafetensors, writeSafetensors } from '@ood/features';
import { corrupt } from './folder-errors.ts';

/** The arrays that a file of a guard must hold: class and dimensions of each; `null` for a dimension of any size. */
export type Wanted = Readonly<
  Record<string, { readonly type: 'float32' | 'int32'; readonly shape: readonly (number | null)[] }>
>;

/** Arrays of a guard's file, each as wanted. @throws GuardError `CORRUPT_FILE` */
export async function readTensors<const W extends Wanted>(
  folder: string,
  file: string,
  wanted: W,
): Promise<{
  readonly [Name in keyof W]: DenseArray<W[Name]['type'] extends 'int32' ? Int32Array : Float32Array>;
}> {
  const { tensors } = await readSafetensors(join(folder, file));
  const found: Record<string, DenseArray> = {};
  for (const [name, { type, shape }] of Object.entries(wanted)) {
    const tensor = Object.hasOwn(tensors, name) ? tensors[name] : undefined;
    const isWanted =
      tensor?.type === type &&
      tensor.dims.length === shape.length &&
      shape.every((size, axis) => size === null || size === tensor.dims[axis]);
    if (!isWanted) {
      const got = tensor ? `${tensor.type} [${tensor.dims.join(', ')}]` : 'none';
      const dims = shape.map(size => size ?? 'any').join(', ');
      throw corrupt(folder, `${name} of ${type} [${dims}] in ${file}`, got);
    }
    found[name] = { shape: tensor.dims, data: tensor.data } as DenseArray;
  }
  return found as never;
}

/** Writes arrays, float32 or int32, as a file of a guard. */
export function writeTensors(
  folder: string,
  file: string,
  arrays: Readonly<Record<string, { readonly shape: readonly number[]; readonly data: ArrayLike<number> }>>,
): Promise<void> {
  const tensors = Object.entries(arrays).map(([name, { shape, data }]): [string, NumericArray] =>
    data instanceof Int32Array
      ? [name, { type: 'int32', dims: shape, data }]
      : [name, { type: 'float32', dims: shape, data: Float32Array.from(data) }],
  );
  return writeSafetensors(join(folder, file), Object.fromEntries(tensors));
}
