import { readFileSync } from 'node:fs';
import type { Matrix } from '@ood/core';
import { describe, expect, it } from 'vitest';
import { fitFde, fitTwoCovariance, type RowsWith } from '../src/index.ts';

interface Problem {
  readonly name: string;
  readonly seed: number;
  readonly dim: number;
  readonly classes: number;
  readonly rows: number;
  readonly spread: number;
  readonly queries: number;
  readonly organized: boolean;
  readonly fde: number[];
  readonly twoCovariance: number[];
}

/** Made by tooling/golden/density.py. */
const { problems } = JSON.parse(readFileSync(new URL('./golden/density.json', import.meta.url), 'utf8')) as {
  readonly problems: readonly Problem[];
};

describe.each(problems)('$name', problem => {
  const { train, queries } = draw(problem);

  it('fde without a flow scores as the formulas say', async () => {
    const detector = await fitFde(train, { flow: 'never', threads: 1 });
    expect(detector.describe().fitted.organized).toBe(Number(problem.organized));
    expectClose(await detector.score({ features: queries }), problem.fde, 2e-5);
    await detector.close();
  });

  it('so does the two-covariance model', async () => {
    const detector = await fitTwoCovariance(train, { threads: 1 });
    expectClose(await detector.score({ features: queries }), problem.twoCovariance, 1e-7);
    await detector.close();
  });
});

/** `share` of the largest: banks are float32. */
function expectClose(scores: Float64Array, expected: readonly number[], share: number): void {
  expect(scores).toHaveLength(expected.length);
  const largest = Math.max(...expected.map(Math.abs));
  scores.forEach((score, i) => {
    expect(Math.abs(score - expected[i]!)).toBeLessThanOrEqual(share * largest);
  });
}

/** As `draw` of density.py. */
function draw({ seed, dim, classes, rows, spread, queries }: Problem): {
  train: RowsWith<'features' | 'labels'>;
  queries: Matrix;
} {
  let state = seed;
  const normal = () => {
    let total = 0;
    for (let i = 0; i < 4; i++) {
      state = Number((1664525n * BigInt(state) + 1013904223n) % 2n ** 32n);
      total += state / 2 ** 32;
    }
    return total - 2;
  };
  const list = (count: number, value: (i: number) => number) =>
    Array.from({ length: count }, (_, i) => value(i));
  const centers = Array.from({ length: classes }, () => list(dim, () => spread * normal()));
  const around = (count: number) =>
    Array.from({ length: count }, (_, i) => list(dim, j => 1 + centers[i % classes]![j]! + 0.4 * normal()));
  const train = around(classes * rows);
  const asked = [
    ...around(queries),
    ...Array.from({ length: queries }, () => list(dim, () => 1 + 0.9 * normal())),
  ];
  return {
    train: { features: matrix(train), labels: Int32Array.from(train, (_, i) => i % classes) },
    queries: matrix(asked),
  };
}

function matrix(rows: number[][]): Matrix {
  return { rows: rows.length, cols: rows[0]!.length, data: Float64Array.from(rows.flat()) };
}
