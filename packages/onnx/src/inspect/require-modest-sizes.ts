import { OnnxError } from '../errors.ts';
import { graphOf } from '../graph/graph-index.ts';
import { constantNames } from '../graph/walk.ts';
import { inferShapes } from '../infer/infer-shapes.ts';
import { dimsText, type Shaped } from '../infer/shaped.ts';
import type { ModelProto } from '../schema/generated/onnx_pb.ts';
import { bitsOf } from '../tensor/data-types.ts';

export interface SizeLimits {
  /** Sizes of free dimensions by their name, or by `input:axis`. Others count as 1. */
  readonly freeDimensions?: Readonly<Record<string, number>>;
  /** Most bytes of one tensor. Default: 2³¹. */
  readonly maxBytes?: number;
}

/**
 * Refuses a model that declares, or by its known shapes makes, a tensor of more bytes than is modest: a file of 300 bytes can ask
 * for an input of gigabytes. Weights are not counted; they are as large as their file. Call it before anything of these sizes is
 * allocated; what shapes do not tell is for `isolatedRuntime` of `@ood/onnx/node` to limit.
 *
 * @throws OnnxError `TOO_LARGE` that names the tensor
 */
export function requireModestSizes(model: ModelProto, limits: SizeLimits = {}): void {
  const { freeDimensions = {}, maxBytes = 2 ** 31 } = limits;
  const graph = graphOf(model);
  const inputs = new Set(graph.input.map(input => input.name));
  const stored = new Set(constantNames(graph));
  for (const [name, shaped] of inferShapes(model, { freeDimensions }).tensors) {
    const bytes = bytesOf(name, shaped, freeDimensions);
    if (bytes <= maxBytes || (stored.has(name) && !inputs.has(name))) continue;
    throw new OnnxError('TOO_LARGE', {
      where: `${inputs.has(name) ? 'input' : 'tensor'} ${JSON.stringify(name)}`,
      expected: `at most ${maxBytes} bytes`,
      got: `${dimsText(shaped.dims ?? [])}, ${bytes} bytes`,
      advice: 'export the model with free dimensions instead of such sizes',
      details: { tensor: name, dims: shaped.dims, bytes, maxBytes },
    });
  }
}

function bytesOf(name: string, { type, dims }: Shaped, free: Readonly<Record<string, number>>): number {
  const elements = (dims ?? []).reduce<number>((product, dim, axis) => {
    if (typeof dim === 'number') return product * dim;
    return product * (free[`${name}:${axis}`] ?? (dim === null ? undefined : free[dim]) ?? 1);
  }, 1);
  return (elements * (bitsOf(type ?? 0) ?? 32)) / 8;
}
