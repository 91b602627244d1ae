import { requireOptions } from '@ood/core';
import type { AnyMethod, Fitted, MethodOptions, NumericArray } from './method.ts';
import type { Sides } from './sides.ts';

/** What is wrong with a fitted method, as `expected …, got …`, or `undefined`. */
export function faultOf(
  method: AnyMethod,
  fitted: Fitted,
): readonly [expected: string, got: string] | undefined {
  const { options, numbers, arrays, widths } = fitted;
  try {
    requireOptions('', withoutUndefined(options), method.rules);
    method.check?.(options);
  } catch (error) {
    return ['options that the method can have', (error as Error).message];
  }
  const stored = method.stores?.(fitted) ?? {};
  const { numbers: names = [], counts = [], arrays: shapes = {}, atLeast = {} } = stored;
  for (const name of new Set([...names, ...counts, ...Object.keys(numbers)])) {
    const value = numbers[name];
    if (!Number.isFinite(value)) return [`a finite number '${name}'`, String(value)];
    if (counts.includes(name) && !(Number.isSafeInteger(value) && Number(value) >= 1))
      return [`a whole number of at least 1 as '${name}'`, String(value)];
  }
  const sides = new Map<string, number>();
  for (const reading of method.reads) {
    const width = widths[reading]!;
    if (width === undefined && !method.needs.includes(reading)) continue;
    if (!Number.isSafeInteger(width) || width < 1)
      return [`a number of columns of ${reading}`, String(width)];
    sides.set(reading, width);
  }
  for (const [name, shape] of Object.entries(shapes)) {
    const array = arrays[name];
    if (array === undefined) return [`an array '${name}'`, 'none'];
    const fault = shapeFault(name, array, shape, sides);
    if (fault) return fault;
  }
  for (const [name, array] of Object.entries(arrays)) {
    const fault = numberFault(name, array);
    if (fault) return fault;
  }
  for (const [side, least] of Object.entries(atLeast)) {
    const found = sides.get(side) ?? 0;
    if (found < least) return [`at least ${least} ${side}`, String(found)];
  }
  return undefined;
}

function shapeFault(
  name: string,
  { shape, data }: NumericArray,
  wanted: Sides,
  known: Map<string, number>,
): readonly [string, string] | undefined {
  const bytes = wanted.length === 1 && wanted[0] === 'bytes';
  if (bytes !== data instanceof Uint8Array)
    return [`'${name}' to hold ${bytes ? 'bytes' : 'numbers'}`, data.constructor.name];
  const fits = wanted.every((side, i) => {
    const found = shape[i];
    if (typeof side === 'number') return found === side;
    if (bytes) return true;
    if (found === undefined || found < 1) return false;
    if (!known.has(side)) known.set(side, found);
    return known.get(side) === found;
  });
  if (fits && shape.length === wanted.length) return undefined;
  const expected = wanted.map(side => (typeof side === 'number' ? side : `${side} ${known.get(side) ?? ''}`));
  return [`'${name}' of shape [${expected.join(', ')}]`, `[${shape.join(', ')}]`];
}

function numberFault(name: string, { data }: NumericArray): readonly [string, string] | undefined {
  if (data instanceof Uint8Array || data instanceof Int32Array) return undefined;
  const at = data.findIndex(value => !Number.isFinite(value));
  return at === -1 ? undefined : [`finite numbers in '${name}'`, `${data[at]} at ${at}`];
}

function withoutUndefined(options: MethodOptions): MethodOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
