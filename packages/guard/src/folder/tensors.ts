import { join } from 'node:path';
import { type DenseArray, decodeSafetensors, elementTypeOf, safetensorsParts } from '@ood/core';
import { readPlainFile, writeWholeFile } from '@ood/core/node';
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
  const path = join(folder, file);
  const { arrays: tensors } = decodeSafetensors(await readPlainFile(path), path);
  const found: Record<string, DenseArray> = {};
  for (const [name, { type, shape }] of Object.entries(wanted)) {
    const tensor = Object.hasOwn(tensors, name) ? tensors[name] : undefined;
    const isWanted =
      tensor !== undefined &&
      elementTypeOf(tensor) === type &&
      tensor.shape.length === shape.length &&
      shape.every((size, axis) => size === null || size === tensor.shape[axis]);
    if (!isWanted) {
      const got = tensor ? `${elementTypeOf(tensor)} [${tensor.shape.join(', ')}]` : 'none';
      const dims = shape.map(size => size ?? 'any').join(', ');
      throw corrupt(folder, `${name} of ${type} [${dims}] in ${file}`, got);
    }
    found[name] = tensor;
  }
  return found as never;
}

/** Writes arrays, float32 or int32, as a file of a guard. */
export function writeTensors(
  folder: string,
  file: string,
  arrays: Readonly<Record<string, { readonly shape: readonly number[]; readonly data: ArrayLike<number> }>>,
): Promise<void> {
  const dense = Object.entries(arrays).map(([name, { shape, data }]): [string, DenseArray] => [
    name,
    { shape, data: data instanceof Int32Array ? data : Float32Array.from(data) },
  ]);
  return writeWholeFile(join(folder, file), safetensorsParts({ arrays: Object.fromEntries(dense) }));
}
