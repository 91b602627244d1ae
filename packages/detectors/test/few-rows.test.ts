/**
 * `fde` on few rows, few or many classes, few or many features, cut from real benchmarks: never far below the better of KNN and Mahalanobis++,
 * which is another one in each cell. OOD_FEW_ROWS=all measures the whole grid (about an hour), and prints it.
 */
import { existsSync } from 'node:fs';
import { createRandom, isOodError, type Matrix, permutation, pickRows } from '@ood/core';
import { auroc } from '@ood/metrics';
import { expect, it } from 'vitest';
import { type Benchmark, loadBenchmarks } from '../bench/support/benchmarks.ts';
import { type Detector, fitFde, fitKnn, fitMahalanobis } from '../src/index.ts';

interface Cell {
  readonly benchmark: string;
  readonly classes: number;
  /** Rows of each class. */
  readonly rows: number;
  /** Features kept; more than there are come from random directions behind a ReLU. */
  readonly dim: number;
  /** Points that the mean over seeds may lie below the better of the two. */
  readonly margin?: number;
}

const SEEDS = [1, 2, 3];
const MOST_TEST_ROWS = 1000;
const root = process.env.OOD_BENCH;
const absent = root === undefined || !existsSync(root);
const benchmarks = absent ? [] : await loadBenchmarks();
const whole = process.env.OOD_FEW_ROWS === 'all';

/** With fewer than 20 rows a class chance decides more than the method: three draws differ by points. */
const SOME: readonly Cell[] = [
  { benchmark: 'cifar10-resnet20', classes: 10, rows: 1, dim: 64, margin: 2 },
  { benchmark: 'digits-mlp', classes: 10, rows: 5, dim: 64, margin: 2 },
  { benchmark: 'digits-mlp', classes: 10, rows: 100, dim: 32, margin: 0.5 },
];

const GRID: readonly Cell[] = benchmarks.flatMap(({ name, train }) => {
  const known = new Set(train.labels).size;
  const { cols } = train.features;
  return [1, 2, 10, 100, 1000]
    .filter(classes => classes <= known)
    .flatMap(classes => [1, 2, 5, 20, 100].map(rows => ({ classes, rows })))
    .flatMap(size =>
      [8, 32, cols, ...(cols > 64 ? [128, 2048] : [])].map(dim => ({ benchmark: name, ...size, dim })),
    );
});

if (absent) {
  it.skip('fde on few rows: OOD_BENCH names no folder of benchmarks', () => {});
} else {
  it.each(whole ? GRID : SOME)(
    '$benchmark: $classes classes of $rows rows, $dim features',
    async cell => {
      const benchmark = benchmarks.find(({ name }) => name === cell.benchmark)!;
      const differences: Record<'near' | 'far', number[]> = { near: [], far: [] };
      for (const seed of SEEDS) {
        const part = cut(benchmark, cell, seed);
        if (part === undefined) return;
        const { train } = part;
        const own = await means(await fitFde(train, { flow: 'never', threads: 1 }), part);
        const k = Math.min(10, train.features.rows);
        const knn = await means(await fitKnn(train, { k, threads: 1 }), part);
        const global = await mahalanobis(part);
        for (const kind of ['near', 'far'] as const) {
          const better = Math.max(knn[kind], global?.[kind] ?? 0);
          differences[kind].push(own[kind] - better);
        }
      }
      for (const [kind, values] of Object.entries(differences)) {
        const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
        const error = Math.sqrt(
          values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1) / values.length,
        );
        if (whole) process.stdout.write(`${JSON.stringify({ ...cell, kind, mean, error })}\n`);
        expect(mean + (cell.margin === undefined ? 2 * error : 0), kind).toBeGreaterThanOrEqual(
          -(cell.margin ?? 0.5),
        );
      }
    },
    900_000,
  );
}

/** The rows of random classes, with random features; `undefined` where the benchmark has not enough of them. */
function cut(benchmark: Benchmark, { classes, rows, dim }: Cell, seed: number) {
  const random = createRandom(seed, 'few rows');
  const { features, labels } = benchmark.train;
  const byClass = new Map<number, number[]>();
  labels.forEach((label, row) => {
    const own = byClass.get(label) ?? [];
    own.push(row);
    byClass.set(label, own);
  });
  const enough = [...byClass].filter(([, own]) => own.length >= rows);
  if (enough.length < classes) return undefined;
  const chosen = [...permutation(enough.length, random).subarray(0, classes)].flatMap(at => {
    const own = enough[at]![1];
    return [...permutation(own.length, random).subarray(0, rows)].map(i => own[i]!);
  });
  const indices = Int32Array.from(chosen).sort();
  const change = changeOf(features.cols, dim, seed);
  const some = (matrix: Matrix) =>
    pickRows(
      matrix,
      permutation(matrix.rows, createRandom(seed, 'test rows')).subarray(
        0,
        Math.min(matrix.rows, MOST_TEST_ROWS),
      ),
    );
  return {
    train: { features: change(pickRows(features, indices)), labels: indices.map(row => labels[row]!) },
    test: change(some(benchmark.test.features)),
    ood: benchmark.ood.map(({ near, rows: own }) => ({ near, features: change(some(own.features)) })),
  };
}

/** Takes `dim` random features, or makes as many behind a ReLU. */
function changeOf(cols: number, dim: number, seed: number): (matrix: Matrix) => Matrix {
  if (dim === cols) return matrix => matrix;
  const random = createRandom(seed, 'features');
  if (dim < cols) {
    const kept = permutation(cols, random).subarray(0, dim).sort();
    return ({ rows, data }) => ({
      rows,
      cols: dim,
      data: Float32Array.from(
        { length: rows * dim },
        (_, at) => data[Math.floor(at / dim) * cols + kept[at % dim]!]!,
      ),
    });
  }
  const directions = Float32Array.from({ length: dim * cols }, () => random.normal() / Math.sqrt(cols));
  return ({ rows, data }) => {
    const made = new Float32Array(rows * dim);
    for (let row = 0; row < rows; row++) {
      for (let i = 0; i < dim; i++) {
        let sum = 0;
        for (let j = 0; j < cols; j++) sum += directions[i * cols + j]! * data[row * cols + j]!;
        made[row * dim + i] = Math.max(0, sum);
      }
    }
    return { rows, cols: dim, data: made };
  };
}

type Part = NonNullable<ReturnType<typeof cut>>;

/** `undefined` where the rows of each class are all the same. */
async function mahalanobis(part: Part) {
  try {
    const detector = await fitMahalanobis(part.train, { normalize: true, shrinkage: 0.01, threads: 1 });
    return await means(detector, part);
  } catch (error) {
    if (!isOodError(error, 'SINGULAR_COVARIANCE')) throw error;
    return undefined;
  }
}

async function means(detector: Detector, { test, ood }: Part) {
  const id = await detector.score({ features: test });
  const values = { near: [] as number[], far: [] as number[] };
  for (const { near, features } of ood)
    values[near ? 'near' : 'far'].push(100 * auroc(id, await detector.score({ features })));
  await detector.close();
  const mean = (list: readonly number[]) => list.reduce((sum, value) => sum + value / list.length, 0);
  return { near: mean(values.near), far: mean(values.far) };
}
