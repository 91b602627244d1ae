import { expect, it } from 'vitest';
import { plottedRoc } from './plotted-roc.ts';

it('goes from the origin to (1, 1) and has the area of the exact curve', () => {
  const id = Float64Array.from({ length: 5000 }, (_, i) => i / 5000);
  const ood = Float64Array.from({ length: 3000 }, (_, i) => 0.5 + i / 3000);
  const { falsePositiveRate: x, truePositiveRate: y } = plottedRoc(id, ood);
  expect([x[0], y[0], x.at(-1), y.at(-1)]).toEqual([0, 0, 1, 1]);
  let area = 0;
  for (let i = 1; i < x.length; i++) area += ((x[i]! - x[i - 1]!) * (y[i]! + y[i - 1]!)) / 2;
  expect(area).toBeCloseTo(0.875, 3);
});
