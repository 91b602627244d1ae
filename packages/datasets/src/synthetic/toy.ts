import type { VectorSample } from '../contract/sample.ts';
import { type IndexedSamples, samplesOf } from '../contract/samples.ts';
import { DatasetError } from '../errors.ts';
import type { Seed } from '../random/rng.ts';
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
  if (!Number.isInteger(n) || n < 1) {
    throw new DatasetError('BAD_COUNT', {
      where: name,
      expected: 'a whole number of samples, 1 or more',
      received: String(n),
      advice: 'set n',
    });
  }
  return samplesOf(
    Array.from({ length: n }, (_, i) => {
      const { x, y, label } = draw();
      return { id: rowId(name, i), label, vector: Float32Array.of(x, y) };
    }),
  );
}

/** @throws DatasetError `BAD_OPTION` unless there is a component, and `sigma` is positive. */
export function requireMixture(where: string, components: number, sigma: number): void {
  if (components >= 1 && sigma > 0 && sigma < Number.POSITIVE_INFINITY) return;
  throw new DatasetError('BAD_OPTION', {
    where,
    expected: 'at least one component and a positive sigma',
    received: `${components} and ${sigma}`,
    advice: 'set them so, or leave them out',
  });
}

/** log Σ exp of a few numbers. */
export function logSumExp(values: readonly number[]): number {
  const top = Math.max(...values);
  return top === Number.NEGATIVE_INFINITY
    ? top
    : top + Math.log(values.reduce((sum, value) => sum + Math.exp(value - top), 0));
}
