import { createRandom, symmetricEigen } from '@ood/core';
import { expect, it } from 'vitest';
import { principalComponents } from './principal-components.ts';

const random = createRandom(5);

/** Normal rows whose standard deviation falls from column to column. */
function rows(count: number, cols: number) {
  const data = Float64Array.from(
    { length: count * cols },
    (_, i) => random.normal() / (1 + (i % cols)) + (i % cols),
  );
  return { rows: count, cols, data };
}

it.each([
  [300, 20],
  [15, 40],
])('agrees with the eigenvalues of the covariance of %d rows of %d numbers', (count, cols) => {
  const matrix = rows(count, cols);
  const means = Array.from(
    { length: cols },
    (_, j) => matrix.data.filter((_v, i) => i % cols === j).reduce((a, b) => a + b) / count,
  );
  const scatter = new Float64Array(cols * cols);
  for (let row = 0; row < count; row++)
    for (let i = 0; i < cols; i++)
      for (let j = 0; j < cols; j++)
        scatter[i * cols + j]! +=
          (matrix.data[row * cols + i]! - means[i]!) * (matrix.data[row * cols + j]! - means[j]!);
  const { values } = symmetricEigen(scatter, cols);
  const total = values.reduce((a, b) => a + b);
  const { coordinates, explained } = principalComponents(matrix, { count: 2 });
  const squares = [0, 1].map(axis =>
    coordinates.filter((_, i) => i % 2 === axis).reduce((sum, x) => sum + x * x, 0),
  );
  for (const axis of [0, 1]) {
    expect(explained[axis]! / (values[axis]! / total)).toBeCloseTo(1, 3);
    expect(squares[axis]! / values[axis]!).toBeCloseTo(1, 3);
  }
});

it('leaves axes that the rows have not at zero', () => {
  const line = { rows: 9, cols: 3, data: Float64Array.from({ length: 27 }, (_, i) => Math.floor(i / 3)) };
  const { coordinates, explained } = principalComponents(line, { count: 2 });
  expect(explained[0]).toBeCloseTo(1, 9);
  expect(coordinates.filter((_, i) => i % 2 === 1).every(y => Math.abs(y) < 1e-6)).toBe(true);
  const equal = { rows: 4, cols: 2, data: new Float64Array(8).fill(7) };
  expect(Array.from(principalComponents(equal, { count: 2 }).coordinates)).toEqual(new Array(8).fill(0));
});
