import { createRandom } from '@ood/core';
import { auroc, averagePrecisionOod } from '@ood/metrics';
import { expect, it } from 'vitest';
import { curvePoints } from './curve-points.ts';

const random = createRandom(3);
const normals = (count: number, mean: number) =>
  Float64Array.from({ length: count }, () => mean + random.normal());

it.each([
  ['overlapping scores', normals(5000, 0), normals(3000, 1)],
  ['scores far apart', normals(5000, 0), normals(3000, 9)],
  ['an inverted detector', normals(800, 2), normals(900, 0)],
  ['equal scores', new Float64Array(50).fill(3), new Float64Array(40).fill(3)],
])('keeps what one sees of %s, in far fewer points', (_what, id, ood) => {
  const { idFlagged, oodFlagged } = curvePoints(id, ood, 0.002);
  expect([idFlagged[0], oodFlagged[0]]).toEqual([0, 0]);
  expect([idFlagged.at(-1), oodFlagged.at(-1)]).toEqual([id.length, ood.length]);
  let [area, precisionArea] = [0, 0];
  for (let i = 1; i < idFlagged.length; i++) {
    const across = (idFlagged[i]! - idFlagged[i - 1]!) / id.length;
    area += (across * (oodFlagged[i]! + oodFlagged[i - 1]!)) / 2 / ood.length;
    const recall = (oodFlagged[i]! - oodFlagged[i - 1]!) / ood.length;
    precisionArea += (recall * oodFlagged[i]!) / (oodFlagged[i]! + idFlagged[i]!);
  }
  expect(area).toBeCloseTo(auroc(id, ood), 2);
  expect(precisionArea).toBeCloseTo(averagePrecisionOod(id, ood), 2);
  expect(idFlagged.length).toBeLessThan(3000);
});
