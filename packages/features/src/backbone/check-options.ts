import type { TensorInfo } from '@ood/onnx';
import { FeaturesError } from '../errors.ts';
import type { BackboneOptions } from './backbone.ts';

const heads = ['auto', 'require', 'none'];
const poolings = ['none', 'cls', 'last', 'mean', 'mean-channels-last'];

/** Checks what does not depend on the model. @throws FeaturesError `INVALID_OPTION` */
export function checkOptions({
  tolerance = 1e-3,
  head = 'auto',
  pooling = 'mean',
  layers,
}: BackboneOptions): void {
  if (!(tolerance > 0 && tolerance < 1)) throw invalid('tolerance', 'a number between 0 and 1', tolerance);
  if (!heads.includes(head)) throw invalid('head', `one of ${heads.join(', ')}`, head);
  if (!poolings.includes(pooling)) throw invalid('pooling', `one of ${poolings.join(', ')}`, pooling);
  if (layers === undefined || layers === 'stage-ends') return;
  const isList =
    Array.isArray(layers) &&
    layers.length > 0 &&
    layers.every(name => typeof name === 'string' && name !== '');
  if (!isList || new Set(layers).size < layers.length)
    throw invalid('layers', "'stage-ends', or a list of different tensors", layers);
}

/** Checks that sizes are given to dimensions that are there and free. @throws FeaturesError `INVALID_OPTION` */
export function checkFreeDimensions(
  inputs: readonly TensorInfo[],
  sizes: Readonly<Record<string, number>>,
): void {
  const free = new Set(
    inputs.flatMap(({ name, dims }) =>
      dims.flatMap((dim, axis) =>
        typeof dim === 'number' ? [] : [...(dim === null ? [] : [dim]), `${name}:${axis}`],
      ),
    ),
  );
  for (const [name, size] of Object.entries(sizes)) {
    if (!free.has(name))
      throw invalid('freeDimensions', `names among ${[...free].join(', ') || 'none: no size is free'}`, name);
    if (!Number.isInteger(size) || size < 1)
      throw invalid('freeDimensions', `a positive whole number for ${name}`, size);
  }
}

function invalid(option: string, expected: string, got: unknown): FeaturesError {
  return new FeaturesError('INVALID_OPTION', {
    where: `option ${option}`,
    expected,
    got: typeof got === 'string' ? JSON.stringify(got) : String(got),
    details: { option, value: got },
  });
}
