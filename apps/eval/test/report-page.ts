import { createRandom } from '@ood/core';
import type { Benchmark, Contestant, FeatureSet, GrayImage } from '../src/benchmark.ts';
import { type BenchmarkRun, renderReport, runBenchmark } from '../src/index.ts';

/** What a page must show and never obey. */
export const HOSTILE = `<img src=x onerror="window.hacked=1"></script><script>window.hacked=2</script>`;

const DIM = 6;
const DETECTORS = 14;
const random = createRandom(11);

function rows(name: string, count: number, shift: number, image?: (row: number) => GrayImage): FeatureSet {
  const data = Float32Array.from({ length: count * DIM }, () => shift + random.normal());
  return { name, features: { rows: count, cols: DIM, data }, ...(image && { image }) };
}

/** A square whose gray tells the row. */
const square = (row: number): GrayImage => ({
  width: 12,
  height: 12,
  data: new Uint8Array(144).fill(40 + row),
});

const logits = { rows: 200, cols: 2, data: Float32Array.from({ length: 400 }, (_, i) => (i * 7) % 5) };

export const benchmark: Benchmark = {
  name: `synthetic ${HOSTILE}`,
  idTrain: rows('train', 60, 0),
  idTest: {
    ...rows('test', 200, 0, square),
    logits,
    labels: Int32Array.from({ length: 200 }, (_, i) => i % 2),
  },
  ood: [
    { ...rows(`near ${HOSTILE}`, 150, 0.8, square), group: 'near' },
    { ...rows('far', 100, 2), group: 'far' },
    ...['a', 'b', 'c', 'd', 'e', 'f'].map(name => ({
      ...rows(`far-${name}-of-a-long-name`, 20, 2),
      group: 'far' as const,
    })),
  ],
};

/** Detectors that sum more and more of the features: the later ones are better. */
const contestants = Array.from(
  { length: DETECTORS },
  (_, k): Contestant => ({
    name: k === 1 ? `second ${HOSTILE}` : `detector ${k}`,
    description: `weighs by ${k}`,
    fit: () => ({
      score: ({ features }) =>
        Float64Array.from({ length: features.rows }, (_, row) => {
          const values = features.data.subarray(row * DIM, (row + 1) * DIM);
          const weight = (col: number) => (col > k % DIM ? (k - 6) / 40 : k === 11 ? 1.1 - (col % 2) / 5 : 1);
          return values.reduce((sum, value, col) => sum + value * weight(col), 0);
        }),
    }),
  }),
);

/** A run of many detectors on eight sets, and its page. */
export async function syntheticPage(): Promise<{ readonly run: BenchmarkRun; readonly html: string }> {
  const run = await runBenchmark(benchmark, contestants, { now: () => performance.now() });
  const html = await renderReport({
    ...run,
    benchmark,
    title: `Report ${HOSTILE}`,
    notes: `First ${HOSTILE}\n\nSecond paragraph`,
    classNames: [`zero ${HOSTILE}`, 'one'],
    megabytes: { 'detector 0': 3.25 },
  });
  return { run, html };
}
