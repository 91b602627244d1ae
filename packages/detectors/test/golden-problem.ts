import { readFileSync } from 'node:fs';
import type { Matrix } from '@ood/core';

/** `golden/detectors.json`: made by tooling/golden/detectors.py with pytorch-ood 0.2.0 and the published formulas. */
interface GoldenFile {
  readonly problem: {
    readonly train_x: number[][];
    readonly train_y: number[];
    readonly id_x: number[][];
    readonly ood_x: number[][];
    readonly W: number[][];
    readonly b: number[];
  };
  readonly detectors: readonly GoldenEntry[];
}

export interface GoldenEntry {
  readonly name: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly sign: string;
  readonly id_scores: number[];
  readonly ood_scores: number[];
  readonly relative_tolerance: number;
}

const read = (name: string) => JSON.parse(readFileSync(new URL(`./golden/${name}`, import.meta.url), 'utf8'));
const file: GoldenFile = read('detectors.json');
/** Made by tooling/golden/detectors_more.py from the published formulas, on the same problem. */
const more: Pick<GoldenFile, 'detectors'> & { readonly texts: number[][] } = read('detectors-more.json');

/** The rows, labels and head that every golden score was computed on, in float64. */
export const goldenProblem = {
  train: { ...withLogits(file.problem.train_x), labels: Int32Array.from(file.problem.train_y) },
  id: withLogits(file.problem.id_x),
  ood: withLogits(file.problem.ood_x),
  head: { weights: matrix(file.problem.W), bias: Float64Array.from(file.problem.b) },
};

/** The entry of a name with these parameters, its scores turned so that higher is more OOD. */
export function goldenScores(name: string, parameters: Readonly<Record<string, unknown>> = {}) {
  const entry = [...file.detectors, ...more.detectors].find(
    candidate =>
      candidate.name === name &&
      Object.entries(parameters).every(([key, value]) => candidate.parameters[key] === value),
  );
  if (entry === undefined) throw new Error(`no golden entry ${name} ${JSON.stringify(parameters)}`);
  const sign = entry.sign === 'higher is more out-of-distribution' ? 1 : -1;
  const scores = [...entry.id_scores, ...entry.ood_scores].map(score => sign * score);
  const tolerance = entry.relative_tolerance * Math.max(...scores.map(Math.abs));
  return { scores, tolerance };
}

/** The rows of the head as embeddings of ID labels, and candidates for negative ones behind them. */
export const goldenTexts = {
  weights: matrix(more.texts),
  bias: new Float64Array(more.texts.length),
};

function withLogits(rows: number[][]): { features: Matrix; logits: Matrix } {
  const { W, b } = file.problem;
  const logits = rows.map(row =>
    W.map((weights, c) => weights.reduce((sum, w, i) => sum + w * row[i]!, b[c]!)),
  );
  return { features: matrix(rows), logits: matrix(logits) };
}

function matrix(rows: number[][]): Matrix {
  return { rows: rows.length, cols: rows[0]!.length, data: Float64Array.from(rows.flat()) };
}
