import type { Benchmark, Contestant, FeatureSet, GrayImage } from '../src/benchmark.ts';

const DIM = 3;

/** Rows whose first feature is `shift + i / n`: scores of known order. */
function rows(name: string, count: number, shift: number): FeatureSet {
  const data = Float32Array.from({ length: count * DIM }, (_, i) =>
    i % DIM === 0 ? shift + Math.floor(i / DIM) / count : i % 7,
  );
  return { name, features: { rows: count, cols: DIM, data }, image: gradient };
}

function gradient(row: number): GrayImage {
  return { width: 8, height: 8, data: Uint8Array.from({ length: 64 }, (_, i) => (i * 4 + row) % 256) };
}

/** ID rows in [0, 1), a near set in [0.5, 1.5): AUROC 0.875 but for ties; a far set far above: AUROC 1. */
export function syntheticBenchmark(): Benchmark {
  const logits = { rows: 100, cols: 2, data: Float32Array.from({ length: 200 }, (_, i) => i % 2) };
  const labels = Int32Array.from({ length: 100 }, (_, i) => (i < 90 ? 1 : 0));
  return {
    name: 'synthetic <rows>',
    idTrain: rows('train', 50, 0),
    idTest: { ...rows('test', 100, 0), logits, labels },
    ood: [
      { ...rows('half & half', 100, 0.5), group: 'near' },
      { ...rows('beyond', 40, 1e6), group: 'far' },
    ],
  };
}

const firstFeature = ({ features }: FeatureSet): Float64Array =>
  Float64Array.from({ length: features.rows }, (_, row) => features.data[row * features.cols]!);

export const contestants: readonly Contestant[] = [
  { name: 'rising', description: 'the first feature', fit: () => ({ score: firstFeature }) },
  {
    name: 'falling',
    description: 'minus the first feature',
    fit: () => ({ score: set => firstFeature(set).map(value => -value) }),
  },
];
