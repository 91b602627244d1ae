import { isVectorSample, type SampleKey, type VectorSample } from '../contract/sample.ts';
import type { Samples } from '../contract/samples.ts';
import { DatasetError } from '../errors.ts';

/** Vectors as plain data for the other packages. */
export interface VectorMatrix {
  readonly rows: number;
  readonly cols: number;
  /** Row-major `[rows, cols]`. */
  readonly data: Float32Array;
  readonly ids: readonly string[];
  /** `[rows]`, −1 where a sample has no label. */
  readonly labels: Int32Array;
}

/** All vectors as one matrix. @throws DatasetError `NOT_A_VECTOR`; `WRONG_SHAPE` where their lengths differ. */
export async function toMatrix(samples: Samples<VectorSample>): Promise<VectorMatrix> {
  const vectors: Float32Array[] = [];
  const ids: string[] = [];
  const labels: number[] = [];
  for await (const sample of samples) {
    if (!isVectorSample(sample)) throw notAVector(sample);
    const cols = vectors[0]?.length ?? sample.vector.length;
    if (sample.vector.length !== cols) {
      throw new DatasetError('WRONG_SHAPE', {
        where: `sample ${sample.id}`,
        expected: `a vector of ${cols} numbers as the first one`,
        got: `${sample.vector.length}`,
        advice: 'do not mix data sets of different features',
      });
    }
    vectors.push(sample.vector);
    ids.push(sample.id);
    labels.push(sample.label ?? -1);
  }
  const cols = vectors[0]?.length ?? 0;
  const data = new Float32Array(vectors.length * cols);
  for (const [row, vector] of vectors.entries()) data.set(vector, row * cols);
  return { rows: vectors.length, cols, data, ids, labels: Int32Array.from(labels) };
}

function notAVector(sample: SampleKey): DatasetError {
  return new DatasetError('NOT_A_VECTOR', {
    where: `sample ${sample.id}`,
    expected: 'a vector',
    got: 'an image',
    advice: 'extract features from images first',
  });
}
