import { createRandom, type Matrix, pickRows, type Seed, stackRows, unitRows } from '@ood/core';
import type { FeatureSet } from '../../benchmark.ts';
import { packCounts } from './packed.ts';
import { principalComponents } from './principal-components.ts';
import type { MapData } from './report-data.ts';
import { type SampleRow, spacedRows } from './samples.ts';

export type MapKind = 'pca' | 'umap';

/** Points of the map at most: of ID test, and of all OOD sets together. */
const ID_POINTS = 1200;
const OOD_POINTS = 2400;
/** Neighbors that UMAP looks at, and components that it starts from. */
const NEIGHBORS = 15;
const COMPONENTS = 30;

/** Rows of the map, evenly from every set; ID test is set 0. */
export function mapRows(sets: readonly FeatureSet[]): SampleRow[] {
  const each = Math.floor(OOD_POINTS / Math.max(1, sets.length - 1));
  return sets.flatMap(({ features }, set) =>
    spacedRows(features.rows, set === 0 ? ID_POINTS : each).map(row => ({ set, row })),
  );
}

/** Places of rows in the plane, by the directions of their features: what l2-normalizing detectors see. */
export async function embed(
  rows: readonly SampleRow[],
  sets: readonly FeatureSet[],
  { kind, seed }: { readonly kind: MapKind; readonly seed: Seed },
): Promise<MapData> {
  const picked = sets.map(({ features }, set) =>
    pickRows(
      features,
      rows.filter(sample => sample.set === set).map(({ row }) => row),
    ),
  );
  const directions = unitRows(stackRows(picked, sets[0]!.features.cols));
  if (kind === 'umap' && rows.length > 2 * NEIGHBORS) return byUmap(directions, seed);
  const { coordinates, explained } = principalComponents(directions, { count: 2, seed });
  const share = (axis: number): string => `${(100 * explained[axis]!).toFixed(1)} % of the variance`;
  return {
    ...scaled(coordinates),
    axes: [`first component, ${share(0)}`, `second component, ${share(1)}`],
    about: 'Principal components of the l2-normalized features of the rows shown.',
  };
}

async function byUmap(directions: Matrix, seed: Seed): Promise<MapData> {
  const { UMAP } = await import('umap-js');
  const count = Math.min(COMPONENTS, directions.cols);
  const { coordinates } = principalComponents(directions, { count, seed });
  const points = Array.from({ length: directions.rows }, (_, i) =>
    Array.from(coordinates.subarray(i * count, (i + 1) * count)),
  );
  const { uniform } = createRandom(seed, 'umap');
  const places = new UMAP({ nComponents: 2, nNeighbors: NEIGHBORS, random: uniform }).fit(points);
  return {
    ...scaled(Float64Array.from(places.flat())),
    axes: ['UMAP 1', 'UMAP 2'],
    about: `UMAP (McInnes et al. 2018; ${NEIGHBORS} neighbors, seed ${seed}) of ${count} principal components of the l2-normalized features: neighborhoods mean something, distances do not.`,
  };
}

/** Both axes by one scale, centered: distances keep their proportions. */
function scaled(coordinates: Float64Array): Pick<MapData, 'x' | 'y'> {
  const axes = [0, 1].map(axis => coordinates.filter((_, i) => i % 2 === axis));
  const ends = axes.map(axis => [
    axis.reduce((a, b) => Math.min(a, b)),
    axis.reduce((a, b) => Math.max(a, b)),
  ]);
  const side = Math.max(...ends.map(([low, high]) => high! - low!)) || 1;
  const [x, y] = axes.map((axis, i) => {
    const middle = (ends[i]![0]! + ends[i]![1]!) / 2;
    return packCounts(axis.map(value => Math.round(65535 * (0.5 + (value - middle) / side))));
  });
  return { x: x!, y: y! };
}
