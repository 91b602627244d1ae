import { createRandom } from '@ood/core';
import { expect, it } from 'vitest';
import type { FeatureSet } from '../../benchmark.ts';
import { embed, type MapKind, mapRows } from './embedding.ts';
import { unpack } from './packed.ts';

const random = createRandom(2);

/** Directions around one axis each: clusters that any map must part. */
function cluster(name: string, axis: number, rows: number): FeatureSet {
  const data = Float32Array.from(
    { length: rows * 5 },
    (_, i) => (i % 5 === axis ? 4 : 0) + 0.4 * random.normal(),
  );
  return { name, features: { rows, cols: 5, data } };
}

const sets = [cluster('test', 0, 60), cluster('first', 1, 40), cluster('second', 2, 40)];

it.each<MapKind>(['pca', 'umap'])(
  'parts clusters by %s, within the square, the same for a seed',
  async kind => {
    const rows = mapRows(sets);
    const plane = await embed(rows, sets, { kind, seed: 1 });
    const [x, y] = [Array.from(unpack(plane.x)), Array.from(unpack(plane.y))];
    expect([x.length, y.length]).toEqual([140, 140]);
    expect(Math.max(...x, ...y)).toBeLessThanOrEqual(65535);
    const centers = sets.map((_, set) => {
      const own = [...rows.keys()].filter(i => rows[i]!.set === set);
      return [x, y].map(axis => own.reduce((sum, i) => sum + axis[i]!, 0) / own.length);
    });
    const nearest = rows.map((_, i) => {
      const distances = centers.map(([cx, cy]) => Math.hypot(x[i]! - cx!, y[i]! - cy!));
      return distances.indexOf(Math.min(...distances));
    });
    expect(rows.filter(({ set }, i) => nearest[i] === set).length).toBe(140);
    expect(await embed(rows, sets, { kind, seed: 1 })).toEqual(plane);
  },
);

it('takes rows evenly from large sets', () => {
  const large = [0, 1, 2].map(i => ({
    name: `${i}`,
    features: { rows: 10_000, cols: 1, data: new Float32Array(10_000) },
  }));
  const rows = mapRows(large);
  expect([0, 1, 2].map(set => rows.filter(row => row.set === set).length)).toEqual([1200, 1200, 1200]);
  const first = rows.filter(({ set }) => set === 0).map(({ row }) => row);
  expect([first[0], first.at(-1)]).toEqual([4, 9995]);
});
