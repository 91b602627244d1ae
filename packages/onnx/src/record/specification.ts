import * as tf from '@tensorflow/tfjs';
import { OnnxError } from '../errors.ts';
import { RESERVED_PREFIX } from './encode.ts';
import type { ConstantData, ValueType } from './graph/graph.ts';
import { sizeOf } from './graph/shape.ts';

/** A shape in which a string, e.g. `'batch'`, is the one free dimension: `['batch', 512]`. */
export type Shape = readonly (number | string)[];

/** A graph input: its shape, and its type where that is not float32. */
export type InputSpec =
  | Shape
  | { readonly shape: Shape; readonly dtype?: 'float32' | 'int32' | 'bool' }
  | tf.Tensor;

/** Values baked into the graph: plain data, or an eager tensor. */
export type ConstantSpec =
  | tf.Tensor
  | { readonly dims: readonly number[]; readonly data: Float32Array | Int32Array }
  | { readonly dims: readonly number[]; readonly data: Uint8Array; readonly type?: 'bool' };

export interface ResolvedInput {
  readonly name: string;
  readonly type: ValueType;
  readonly shape: Shape;
  /** The eager tensor or variable that stands for this input where the function has captured it. */
  readonly captured?: tf.Tensor;
}

export interface ResolvedConstant {
  readonly name: string;
  readonly type: ValueType;
  readonly shape: readonly number[];
  readonly data: ConstantData;
  readonly captured?: tf.Tensor;
}

export function resolveInputs(inputs: Readonly<Record<string, InputSpec>>): ResolvedInput[] {
  const resolved = Object.entries(inputs).map(([name, spec]): ResolvedInput => {
    checkName(name, 'input');
    if (spec instanceof tf.Tensor) {
      return { name, type: spec.dtype as ValueType, shape: spec.shape, captured: spec };
    }
    const { shape, dtype = 'float32' } = 'shape' in spec ? spec : { shape: spec as Shape };
    for (const dim of shape) {
      if (typeof dim === 'string' ? dim !== '' : Number.isInteger(dim) && dim >= 0) continue;
      throw new OnnxError('INVALID_SPECIFICATION', {
        where: `record, input '${name}'`,
        expected: 'dimensions that are whole numbers or a name',
        got: `[${shape.join(', ')}]`,
        advice: "write e.g. ['batch', 512]",
        details: { name },
      });
    }
    return { name, type: dtype, shape };
  });
  const free = new Set(resolved.flatMap(input => input.shape.filter(dim => typeof dim === 'string')));
  if (free.size > 1) {
    throw new OnnxError('INVALID_SPECIFICATION', {
      where: 'record',
      expected: 'one name for the free dimension of all inputs',
      got: [...free].join(', '),
      advice: 'a graph has one batch size: fix the other dimensions',
    });
  }
  return resolved;
}

export function resolveConstants(constants: Readonly<Record<string, ConstantSpec>>): ResolvedConstant[] {
  return Object.entries(constants).map(([name, spec]): ResolvedConstant => {
    checkName(name, 'constant');
    if (spec instanceof tf.Tensor) {
      const type = spec.dtype as ValueType;
      return { name, type, shape: spec.shape, data: spec.dataSync() as ConstantData, captured: spec };
    }
    const { dims, data } = spec;
    if (sizeOf(dims) !== data.length) {
      throw new OnnxError('INVALID_SPECIFICATION', {
        where: `record, constant '${name}'`,
        expected: `${sizeOf(dims)} numbers for dims [${dims}]`,
        got: `${data.length}`,
        details: { name, shape: dims },
      });
    }
    const type = data instanceof Float32Array ? 'float32' : data instanceof Int32Array ? 'int32' : 'bool';
    return { name, type, shape: dims, data };
  });
}

/** Refuses names that the encoder may give to values of its own. */
export function checkName(name: string, kind: string): void {
  if (name !== '' && !name.startsWith(RESERVED_PREFIX)) return;
  throw new OnnxError('NAME_CLASH', {
    where: 'record',
    expected: `${kind} names that are not empty and do not start with '${RESERVED_PREFIX}'`,
    got: `'${name}'`,
    advice: 'rename it',
    details: { name },
  });
}
