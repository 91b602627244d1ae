import { type FloatArray, type LabeledRows, type Matrix, type Rows, sliceRows } from '@ood/core';
import { beforeAll, describe, it } from 'vitest';
import { fuzz, fuzzSeconds, mutateBytes, mutateValue, pick } from '../../../tooling/vitest/fuzz.ts';
import type { Fitted, NumericArray } from '../src/contract/method.ts';
import {
  type DetectorName,
  decodeDetector,
  describeMethod,
  detectorNames,
  fitDetector,
} from '../src/index.ts';
import { decodeFitted, encodeFitted } from '../src/persistence/fitted-file.ts';
import { findMethod } from '../src/registry.ts';
import { goldenProblem } from './golden-problem.ts';

/** For a longer run: OOD_FUZZ_SECONDS=600. Shared by the tests of this file. */
const seconds = fuzzSeconds(6);
const { train: rows, head } = goldenProblem;
const narrow = ({ rows, cols, data }: Matrix<FloatArray>) => ({ rows, cols, data: Float32Array.from(data) });
const train: LabeledRows = {
  features: narrow(rows.features!),
  logits: narrow(rows.logits!),
  labels: rows.labels,
};
const queries: Rows = {
  features: sliceRows(train.features!, 0, 3),
  logits: sliceRows(train.logits!, 0, 3),
};

/** Files of every form; of all detectors but the slowest in a longer run. */
const names: readonly DetectorName[] = process.env.OOD_FUZZ_SECONDS
  ? detectorNames.filter(name => !name.startsWith('fde') || name === 'fde-real-nvp')
  : ['mahalanobis++', 'gmm', 'knn', 'vim', 'nnguide', 'msp', 'temperature-scaling', 'kl-matching', 'neco'];

describe('damaged detectors meet nothing but typed errors', { timeout: 1000 * seconds + 120_000 }, () => {
  let files: Uint8Array[] = [];
  beforeAll(async () => {
    const fitted = names.map(name =>
      fitDetector(name, train, {
        head,
        threads: 1,
        ...(name.startsWith('fde') && { epochs: 1 }),
        ...('idLabels' in describeMethod(name).defaults && { idLabels: 3 }),
      }),
    );
    files = (await Promise.all(fitted)).map(detector => detector.encode());
  });
  /** Reads a detector and scores with it. */
  const read = async (bytes: Uint8Array) => {
    const detector = decodeDetector(bytes, { threads: 1 });
    try {
      await detector.score(queries);
    } finally {
      await detector.close();
    }
  };

  it('their bytes', () =>
    fuzz({
      name: 'detector bytes',
      seconds: seconds / 2,
      corpus: files,
      mutate: (bytes, random) => mutateBytes(bytes, files, random),
      read,
    }));

  it('what they hold, under the checksum that it then has', () =>
    fuzz<Fitted & { readonly name: string }>({
      name: 'detector contents',
      seconds: seconds / 2,
      corpus: files.map((bytes, i) => ({
        ...decodeFitted(bytes, 'detector', findMethod).fitted,
        name: names[i]!,
      })),
      mutate({ name, arrays, ...others }, random) {
        const entries = Object.entries(arrays);
        const of = random.below(4) === 0 ? pick(names, random) : name;
        if (entries.length === 0 || random.below(2) === 0)
          return { name: of, arrays, ...(mutateValue(others, random) as typeof others) };
        const at = random.below(entries.length);
        const [key, array] = entries[at]!;
        const odd = mutateArray(array, [0, 1, -1, 1e30, Number.NaN, 3e38][random.below(6)]!, random.below(5));
        return { name: of, ...others, arrays: Object.fromEntries(entries.with(at, [key, odd])) };
      },
      read: ({ name, ...fitted }) => read(encodeFitted(name, fitted)),
    }));
});

/** The array with other numbers, of another shape, or of other numbers' type. */
function mutateArray({ shape, data }: NumericArray, value: number, kind: number): NumericArray {
  const copy = data.slice();
  if (kind === 0) copy[copy.length >> 1] = value;
  if (kind === 1) copy.fill(value);
  if (kind === 2) return { shape: [...shape].reverse(), data };
  if (kind === 3) return { shape: [0], data: new Float64Array(0) };
  if (kind === 4) return { shape, data: data instanceof Float64Array ? Float32Array.from(data) : data };
  return { shape, data: copy };
}
