import type { Detector, DetectorDescription } from './detector.ts';
import type { Matrix, Rows } from './rows.ts';

/** A detector that scores each row of one matrix by itself. */
export function mapRows(
  description: DetectorDescription,
  select: (rows: Rows) => Matrix,
  scoreRow: (row: Float32Array | Float64Array) => number,
): Detector {
  return {
    describe: () => description,
    score: async (rows, { signal } = {}) => {
      signal?.throwIfAborted();
      const { rows: count, cols, data } = select(rows);
      return Float64Array.from({ length: count }, (_, row) =>
        scoreRow(data.subarray(row * cols, (row + 1) * cols)),
      );
    },
    close: async () => {},
  };
}
