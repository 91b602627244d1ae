import { argmaxRows } from '@ood/core';
import type { Benchmark, FeatureSet } from '../../benchmark.ts';
import { packCounts } from './packed.ts';
import type { SampleData } from './report-data.ts';

/** A row of ID test (`set` 0) or of an OOD set (its place from 1 on). */
export interface SampleRow {
  readonly set: number;
  readonly row: number;
}

/** Rows that the page shows one by one, each once. */
export interface Samples {
  readonly rows: readonly SampleRow[];
  /** Place of a row among them; it is added where it is not there. */
  place(set: number, row: number): number;
}

export function createSamples(): Samples {
  const rows: SampleRow[] = [];
  const places = new Map<string, number>();
  return {
    rows,
    place(set, row) {
      const key = `${set} ${row}`;
      const known = places.get(key);
      if (known !== undefined) return known;
      places.set(key, rows.length);
      return rows.push({ set, row }) - 1;
    },
  };
}

/** At most `limit` of `count` rows, evenly from all of them: sets often come class by class. */
export function spacedRows(count: number, limit: number): number[] {
  const size = Math.min(count, limit);
  return Array.from({ length: size }, (_, i) => Math.floor(((i + 0.5) * count) / size));
}

/** Rows of the highest (`1`) or lowest (`-1`) scores, the most extreme first. */
export function extremeRows(scores: Float64Array, end: 1 | -1, count: number): number[] {
  const order = Array.from(scores.keys()).sort((a, b) => end * (scores[b]! - scores[a]!) || a - b);
  return order.slice(0, count);
}

/** The samples as the page holds them. @param tiles place of each in the atlas plus one, or 0 */
export function sampleData(
  rows: readonly SampleRow[],
  { idTest, ood }: Benchmark,
  tiles: ArrayLike<number>,
): SampleData {
  const sets: readonly FeatureSet[] = [idTest, ...ood];
  const predictions = sets.map(({ logits }) => logits && argmaxRows(logits));
  const column = (numberOf: (sample: SampleRow) => number) => packCounts(rows.map(numberOf));
  return {
    set: column(({ set }) => set),
    row: column(({ row }) => row),
    predicted: column(({ set, row }) => (predictions[set]?.[row] ?? -1) + 1),
    label: column(({ set, row }) => Math.max(-1, (set === 0 ? idTest.labels?.[row] : undefined) ?? -1) + 1),
    tile: packCounts(tiles),
  };
}
