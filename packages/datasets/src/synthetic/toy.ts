import { invalidOption, positive, requireOption, type Seed, whole } from '@ood/core';
import type { VectorSample } from '../contract/sample.ts';
import { type IndexedSamples, samplesOf } from '../contract/samples.ts';
import { rowId } from '../sources/records.ts';

/** A sample of a known distribution in the plane, with that distribution. */
export interface Toy {
  readonly samples: IndexedSamples<VectorSample>;
  /** Exact log-density in nats at a point `[2]`; −Infinity outside the support. */
  logDensity(point: ArrayLike<number>): number;
}

export interface ToyOptions {
  /** Number of samples. */
  readonly n: number;
  readonly seed: Seed;
}

/** Points to samples with ids and labels. */
export function toyPoints(
  name: string,
  n: number,
  draw: () => { readonly x: number; readonly y: number; readonly label: number },
): IndexedSamples<VectorSample> {
  requireOption(name, 'n', n, whole);
  return samplesOf(
    Array.from({ length: n }, (_, i) => {
      const { x, y, label } = draw();
      return { id: rowId(name, i), label, vector: Float32Array.of(x, y) };
    }),
  );
}

/** @throws CoreError `INVALID_OPTION` unless there is a component, and `sigma` is positive. */
export function requireMixture(
  where: string,
  parts: 'centers' | 'radii',
  count: number,
  sigma: number,
): void {
  if (count < 1) throw invalidOption(where, parts, 'at least one', 'none');
  requireOption(where, 'sigma', sigma, positive);
}

/** log Σ exp of a few numbers. */
export function logSumExp(values: readonly number[]): number {
  const top = Math.max(...values);
  return top === Number.NEGATIVE_INFINITY
    ? top
    : top + Math.log(values.reduce((sum, value) => sum + Math.exp(value - top), 0));
}
