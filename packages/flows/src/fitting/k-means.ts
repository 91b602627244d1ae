import type { Random } from '@ood/core';
import type { Matrix } from '../contract/arrays.ts';

const ITERATIONS = 25;

/**
 * A cluster for every row: Lloyd's iterations from k-means++ seeds (Arthur and Vassilvitskii 2007). No cluster of the result is
 * empty; there are fewer than `clusters` where the rows have fewer distinct values.
 */
export function kMeans({ rows, cols, data }: Matrix, clusters: number, rng: Random): Int32Array {
  const centers = seeds({ rows, cols, data }, Math.min(clusters, rows), rng);
  const labels = new Int32Array(rows);
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    let moved = 0;
    for (let i = 0; i < rows; i++) {
      const nearest = nearestCenter(data, i * cols, centers, cols);
      if (nearest !== labels[i]) moved++;
      labels[i] = nearest;
    }
    if (moved === 0 && iteration > 0) break;
    update(centers, { rows, cols, data }, labels);
  }
  return labels;
}

function seeds({ rows, cols, data }: Matrix, clusters: number, rng: Random): Float64Array {
  const centers = new Float64Array(clusters * cols);
  const distances = new Float64Array(rows).fill(Number.POSITIVE_INFINITY);
  let chosen = rng.below(rows);
  for (let k = 0; k < clusters; k++) {
    for (let j = 0; j < cols; j++) centers[k * cols + j] = data[chosen * cols + j]!;
    let total = 0;
    for (let i = 0; i < rows; i++) {
      distances[i] = Math.min(distances[i]!, squaredDistance(data, i * cols, centers, k * cols, cols));
      total += distances[i]!;
    }
    if (total === 0) return centers.slice(0, (k + 1) * cols);
    let left = rng.uniform() * total;
    chosen = distances.findIndex(distance => (left -= distance) < 0);
    if (chosen < 0) chosen = rows - 1;
  }
  return centers;
}

function nearestCenter(data: Float32Array, at: number, centers: Float64Array, cols: number): number {
  let nearest = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let k = 0; k * cols < centers.length; k++) {
    const distance = squaredDistance(data, at, centers, k * cols, cols);
    if (distance < least) [nearest, least] = [k, distance];
  }
  return nearest;
}

function squaredDistance(
  data: Float32Array,
  at: number,
  centers: Float64Array,
  from: number,
  cols: number,
): number {
  let sum = 0;
  for (let j = 0; j < cols; j++) sum += (data[at + j]! - centers[from + j]!) ** 2;
  return sum;
}

/** Moves every center to the mean of its rows; one without rows stays. */
function update(centers: Float64Array, { rows, cols, data }: Matrix, labels: Int32Array): void {
  const counts = new Int32Array(centers.length / cols);
  for (const label of labels) counts[label]!++;
  for (const [k, count] of counts.entries()) if (count > 0) centers.fill(0, k * cols, (k + 1) * cols);
  for (let i = 0; i < rows; i++) {
    const k = labels[i]!;
    for (let j = 0; j < cols; j++) centers[k * cols + j]! += data[i * cols + j]! / counts[k]!;
  }
}
