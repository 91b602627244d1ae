import { createHash } from 'node:crypto';
import type { Benchmark, FeatureSet } from './benchmark.ts';

/** Rows of one set that another set holds too: a benchmark on them measures memory, not detection. */
export interface SharedRows {
  /** The set whose rows are counted: ID test or an OOD set. */
  readonly set: string;
  /** The ID set that holds them as well. */
  readonly alsoIn: string;
  readonly rows: number;
}

/**
 * Rows of ID test that ID training holds, and rows of each OOD set that either ID set holds, by equal features to the last bit;
 * pairs of sets that share none are left out. One backbone gives the same image the same features, so equal images are found;
 * near-duplicates are not: look for those among the images (`findOverlap` of `@ood/datasets`, `ood datasets overlap`).
 */
export function findSharedRows({ idTrain, idTest, ood }: Benchmark): SharedRows[] {
  const train = new Set(rowHashes(idTrain));
  const testHashes = rowHashes(idTest);
  const test = new Set(testHashes);
  const count = (hashes: readonly string[], held: ReadonlySet<string>): number =>
    hashes.filter(hash => held.has(hash)).length;
  return [
    { set: idTest.name, alsoIn: idTrain.name, rows: count(testHashes, train) },
    ...ood.flatMap(set => {
      const hashes = rowHashes(set);
      return [
        { set: set.name, alsoIn: idTrain.name, rows: count(hashes, train) },
        { set: set.name, alsoIn: idTest.name, rows: count(hashes, test) },
      ];
    }),
  ].filter(({ rows }) => rows > 0);
}

/** The finding in a sentence, for warnings and tables. */
export function describeSharedRows({ set, alsoIn, rows }: SharedRows): string {
  return `${rows} ${rows === 1 ? 'row' : 'rows'} of ${set} ${rows === 1 ? 'is' : 'are'} in ${alsoIn} as well (equal features)`;
}

/** SHA-256 of each row's bytes. */
function rowHashes({ features: { rows, cols, data } }: FeatureSet): string[] {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const width = cols * data.BYTES_PER_ELEMENT;
  return Array.from({ length: rows }, (_, row) =>
    createHash('sha256')
      .update(bytes.subarray(row * width, (row + 1) * width))
      .digest('base64'),
  );
}
