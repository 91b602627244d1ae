import { createRandom, type LabeledRows } from '@ood/core';
import type { FitContext } from '../contract/method.ts';
import type { Head } from '../contract/rows.ts';
import { isStream, noRows, openTraining } from '../contract/training.ts';
import { loadFlows } from '../flow/load-flows.ts';
import { inverseNorm } from '../linear-algebra/inverse-norm.ts';
import { spreadKey } from './spread.ts';

/** Numbers kept of the rows; of more, an even share: 128 MB. */
const MOST_NUMBERS = 2 ** 24;
/** Clusters that stand in for classes. */
const CLUSTERS = 10;

/** Unit rows in memory, with classes from 0 without gaps. */
export interface ClassRows {
  readonly count: number;
  readonly dim: number;
  /** How many leading directions a model of them keeps. */
  readonly directions: number;
  /** `[count, dim]`, divided by their norms. */
  readonly data: Float64Array;
  readonly classes: Int32Array;
  /** Rows of each class. */
  readonly sizes: Int32Array;
  /** Clusters are no classes: they always agree with their neighbors. */
  readonly origin: 'classes' | 'clusters';
}

/**
 * How many directions a model of `dim` columns keeps: half of them, but 64 to 256. Where further layers stand behind the head's features, as
 * many more, up to 256: their variance is small beside that of the features, and what they show is not.
 */
function directionsOf(dim: number, head: Head | undefined): number {
  const beside = head?.featureSize === dim ? dim - head.weights.cols : 0;
  const own = Math.max(64, Math.min(256, Math.floor((dim - beside) / 2)));
  return Math.min(dim, own + Math.min(256, beside));
}

/** Collects ID rows with their classes: labels, else what the logits or the head predict, else clusters of the rows. */
export async function collectClassRows(
  where: string,
  { source, head, products, signal }: FitContext,
  { seed }: { readonly seed: number },
): Promise<ClassRows> {
  const first = isStream(source) ? await firstPart(source) : source;
  const known = first.labels !== undefined || first.logits !== undefined || head !== undefined;
  const training = openTraining(source, {
    where,
    needs: known ? ['features', 'labels'] : ['features'],
    head,
    products,
    signal,
  });
  let [total, dim] = [0, 0];
  for await (const { count, features } of training.blocks()) [total, dim] = [total + count, features.cols];
  if (total === 0) throw noRows(where);
  const share = Math.min(1, MOST_NUMBERS / (total * dim));
  const kept: number[] = [];
  for (let row = 0; row < total; row++) if (spreadKey(row) < share) kept.push(row);
  const data = new Float64Array(kept.length * dim);
  const labels = new Int32Array(kept.length);
  let [at, seen] = [0, 0];
  for await (const block of training.blocks()) {
    for (; at < kept.length && kept[at]! < seen + block.count; at++) {
      const row = kept[at]! - seen;
      const scale = inverseNorm(block.features.data, row * dim, (row + 1) * dim);
      for (let i = 0; i < dim; i++) data[at * dim + i] = block.features.data[row * dim + i]! * scale;
      if (known) labels[at] = block.labels[row]!;
    }
    seen += block.count;
  }
  const rows = { count: kept.length, dim, directions: directionsOf(dim, head), data };
  return known
    ? { ...rows, ...compact(labels), origin: 'classes' }
    : { ...rows, ...compact(await clusters(rows, seed)), origin: 'clusters' };
}

/** Some of the rows, with the classes that they have. */
export function takeClassRows(
  { dim, directions, data, classes, origin }: ClassRows,
  rows: readonly number[],
): ClassRows {
  const taken = new Float64Array(rows.length * dim);
  rows.forEach((row, at) => {
    taken.set(data.subarray(row * dim, (row + 1) * dim), at * dim);
  });
  const labels = Int32Array.from(rows, row => classes[row]!);
  return { count: rows.length, dim, directions, data: taken, ...compact(labels), origin };
}

function compact(labels: Int32Array): Pick<ClassRows, 'classes' | 'sizes'> {
  const slots = new Map([...new Set(labels)].sort((a, b) => a - b).map((label, slot) => [label, slot]));
  const classes = labels.map(label => slots.get(label)!);
  const sizes = new Int32Array(slots.size);
  for (const slot of classes) sizes[slot]!++;
  return { classes, sizes };
}

async function clusters({ count, dim, data }: Pick<ClassRows, 'count' | 'dim' | 'data'>, seed: number) {
  const { kMeans } = await loadFlows('clusters in place of classes');
  return kMeans({ rows: count, cols: dim, data: Float32Array.from(data) }, CLUSTERS, createRandom(seed));
}

async function firstPart(source: { open(): AsyncIterable<LabeledRows> | Iterable<LabeledRows> }) {
  for await (const part of source.open()) return part;
  return {} as LabeledRows;
}
