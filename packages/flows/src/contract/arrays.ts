import type { Matrix as CoreMatrix, DenseArray } from '@ood/core';
import * as tf from '@tensorflow/tfjs';
import { FlowsError } from '../errors.ts';

/** Rows of float32, in which flows compute. */
export type Matrix = CoreMatrix<Float32Array>;

/** Plain JSON. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export type Shape = readonly number[];

/** Arrays by dotted path, e.g. `bijection.3.scale.0.weight`. */
export type NamedArrays = Readonly<Record<string, DenseArray<Float32Array>>>;
export type NamedTensors = Readonly<Record<string, tf.Tensor>>;
export type NamedShapes = Readonly<Record<string, Shape>>;

/** The numbers of a model, apart from its mathematics. Names never clash between the two. */
export interface Weights {
  /** What training changes. */
  readonly parameters: NamedArrays;
  /** What it does not: permutations, masks, whitening, class means. */
  readonly constants: NamedArrays;
}

export const noWeights: Weights = { parameters: {}, constants: {} };

export function array(shape: Shape, data: ArrayLike<number>): DenseArray<Float32Array> {
  return { shape, data: data instanceof Float32Array ? data : Float32Array.from(data) };
}

export function sizeOf(shape: Shape): number {
  return shape.reduce((product, side) => product * side, 1);
}

/** Tensors on the active backend, one for every array. The caller disposes of them. */
export function toTensors(arrays: NamedArrays): Record<string, tf.Tensor> {
  return mapValues(arrays, ({ shape, data }) => tf.tensor(data, [...shape], 'float32'));
}

/** The entries under `prefix.`, without it. */
export function scope<T>(named: Readonly<Record<string, T>>, prefix: string): Record<string, T> {
  const start = `${prefix}.`;
  const inside: Record<string, T> = {};
  for (const name in named) if (name.startsWith(start)) inside[name.slice(start.length)] = named[name]!;
  return inside;
}

/** The same entries with `prefix.` before every name. */
export function prefixed<T>(named: Readonly<Record<string, T>>, prefix: string): Record<string, T> {
  return Object.fromEntries(Object.entries(named).map(([name, value]) => [`${prefix}.${name}`, value]));
}

/** Weights under `prefix.`, without it. */
export function scopeWeights({ parameters, constants }: Weights, prefix: string): Weights {
  return { parameters: scope(parameters, prefix), constants: scope(constants, prefix) };
}

/** The union of weights, each under its own prefix; those of a list under 0, 1, … */
export function joinWeights(parts: Readonly<Record<string, Weights>> | readonly Weights[]): Weights {
  const parameters: Record<string, DenseArray<Float32Array>> = {};
  const constants: Record<string, DenseArray<Float32Array>> = {};
  for (const [prefix, part] of Object.entries(parts)) {
    Object.assign(parameters, prefixed(part.parameters, prefix));
    Object.assign(constants, prefixed(part.constants, prefix));
  }
  return { parameters, constants };
}

export function mapValues<T, U>(
  named: Readonly<Record<string, T>>,
  change: (value: T, name: string) => U,
): Record<string, U> {
  return Object.fromEntries(Object.entries(named).map(([name, value]) => [name, change(value, name)]));
}

/**
 * Refuses weights that a model cannot have: missing, of another shape, torn, or not finite.
 *
 * @throws FlowsError `BAD_WEIGHTS`.
 */
export function requireWeights(
  where: string,
  { parameters, constants }: Weights,
  shapes: { readonly parameters: NamedShapes; readonly constants: NamedShapes },
): void {
  requireShapes(where, parameters, shapes.parameters);
  requireShapes(where, constants, shapes.constants);
  for (const [name, { shape, data }] of Object.entries({ ...parameters, ...constants })) {
    const whole = data instanceof Float32Array && data.length === sizeOf(shape);
    const bad = whole ? data.find(number => !Number.isFinite(number)) : undefined;
    if (whole && bad === undefined) continue;
    throw new FlowsError('BAD_WEIGHTS', {
      where,
      expected: `${sizeOf(shape)} finite numbers in a Float32Array as '${name}'`,
      got: whole ? String(bad) : `${data?.length} in ${Object(data).constructor.name}`,
      advice: 'use weights that training or a file gave',
    });
  }
}

/**
 * Refuses named arrays or tensors that lack a name or have another shape.
 *
 * @throws FlowsError `BAD_WEIGHTS`.
 */
export function requireShapes(
  where: string,
  named: Readonly<Record<string, { readonly shape: Shape }>>,
  shapes: NamedShapes,
): void {
  for (const name in shapes) {
    const wanted = shapes[name]!;
    const found = named[name]?.shape;
    if (found && found.length === wanted.length && found.every((side, i) => side === wanted[i])) continue;
    throw new FlowsError('BAD_WEIGHTS', {
      where,
      expected: `'${name}' of shape [${wanted}]`,
      got: found ? `shape [${found}]` : `only ${Object.keys(named).join(', ') || 'no arrays'}`,
      advice: 'use the weights that belong to this model',
    });
  }
}
