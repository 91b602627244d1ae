import { readFileSync } from 'node:fs';
import type { DenseArray } from '@ood/core';
import {
  actNorm,
  affineCoupling,
  chain,
  defineFlow,
  type FlowModel,
  joinWeights,
  luLinear,
  noPreparation,
  standardNormal,
  type Weights,
} from '../../src/index.ts';

interface Listed {
  readonly shape: readonly number[];
  readonly values: unknown;
}

/** One of the golden flow files; see test/golden/README.md. */
export interface GoldenFlow {
  readonly dim: number;
  readonly flows: readonly ('actnorm' | 'lu' | 'coupling')[];
  readonly parameters: Readonly<Record<string, Listed>>;
  readonly buffers: Readonly<Record<string, Listed>>;
  readonly x: number[][];
  readonly z: number[][];
  readonly log_det: number[];
  readonly log_prob: number[];
  readonly trace_of_log_prob: readonly {
    flow: number;
    kind: string;
    output: number[][];
    log_det: number[];
  }[];
  readonly sampling: { z: number[][]; x: number[][]; log_det: number[] };
  readonly gradient_of_mean_nll: { loss: number; gradients: Readonly<Record<string, Listed>> };
  readonly actnorm_initialised_on_x: {
    actnorm: Record<string, { s: number[]; t: number[] }>;
    log_prob: number[];
  };
  readonly adam: {
    steps: number;
    lr: number;
    betas: [number, number];
    eps: number;
    loss_before_each_step: number[];
    log_prob_after: number[];
  };
}

export function readGolden<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../golden/${name}`, import.meta.url), 'utf8'));
}

/** The golden flow's layers as ours: the last of the list is the first that data meets. */
export function modelOf(golden: GoldenFlow): FlowModel {
  const { dim } = golden;
  const links = [...golden.flows.entries()].reverse().map(([i, kind]) => {
    if (kind === 'actnorm') return actNorm(dim);
    if (kind === 'lu') return luLinear(dim, { blocks: 2 });
    return affineCoupling(dim, { kept: keptOf(golden, i)[0] === 0 ? 'even' : 'odd' });
  });
  return defineFlow(noPreparation(dim), chain(links), standardNormal(dim));
}

/** Full-width masked parameters (or their gradients) as those of half-split networks and blocked triangles. */
export function weightsOf(
  golden: GoldenFlow,
  listed: Readonly<Record<string, Listed>> = golden.parameters,
): Weights {
  const links = [...golden.flows.entries()].reverse().map(([i, kind]): Weights => {
    const get = (name: string) => flat(listed[`flows.${i}.${name}`]!);
    if (kind === 'actnorm') return weights({ shift: vector(get('t')), logScale: vector(get('s')) });
    return kind === 'lu' ? luWeights(golden, i, get) : couplingWeights(golden, i, get);
  });
  return joinWeights({ bijection: joinWeights(links) });
}

function couplingWeights(golden: GoldenFlow, i: number, get: (name: string) => number[]): Weights {
  const { dim } = golden;
  const kept = keptOf(golden, i);
  const changed = Array.from({ length: dim }, (_, j) => j).filter(j => !kept.includes(j));
  const all = Array.from({ length: dim }, (_, j) => j);
  const network = (name: string, ours: string) => {
    const [first, last] = [get(`${name}.net.0.weight`), get(`${name}.net.2.weight`)];
    return {
      [`${ours}.0.weight`]: table(kept, all, (input, output) => first[output * dim + input]!),
      [`${ours}.0.bias`]: vector(get(`${name}.net.0.bias`)),
      [`${ours}.1.weight`]: table(all, changed, (input, output) => last[output * dim + input]!),
      [`${ours}.1.bias`]: vector(changed.map(j => get(`${name}.net.2.bias`)[j]!)),
    };
  };
  return weights({ ...network('s', 'scale'), ...network('t', 'shift') });
}

function luWeights(golden: GoldenFlow, i: number, get: (name: string) => number[]): Weights {
  const { dim } = golden;
  const half = Math.ceil(dim / 2);
  const [lower, upper] = [get('transform.L'), get('transform.U')];
  const first = Array.from({ length: half }, (_, j) => j);
  const second = Array.from({ length: dim - half }, (_, j) => half + j);
  const u = (row: number, col: number) => upper[row * dim + col]!;
  const l = (row: number, col: number) => lower[col * dim + row]!;
  const above = (entry: typeof u) => (row: number, col: number) => (col > row ? entry(row, col) : 0);
  const permutation = flat(golden.buffers[`flows.${i}.transform.P`]!);
  const order = first.concat(second).map(j => permutation.slice(j * dim, (j + 1) * dim).indexOf(1));
  return {
    parameters: {
      logScale: vector(get('transform.log_S')),
      'upper.0': table(first, first, above(u)),
      'upper.1': table(second, second, above(u)),
      'upperRest.0': table(first, second, u),
      'lower.0': table(first, first, above(l)),
      'lower.1': table(second, second, above(l)),
      'lowerRest.0': table(first, second, l),
    },
    constants: {
      order: vector(order),
      inverse: vector(order.map((_, j) => order.indexOf(j))),
      sign: vector(flat(golden.buffers[`flows.${i}.transform.sign_S`]!)),
    },
  };
}

function keptOf(golden: GoldenFlow, i: number): number[] {
  return flat(golden.buffers[`flows.${i}.b`]!).flatMap((bit, j) => (bit === 1 ? [j] : []));
}

function flat({ values }: Listed): number[] {
  return [values].flat(Number.POSITIVE_INFINITY) as number[];
}

function vector(values: readonly number[]): DenseArray<Float32Array> {
  return { shape: [values.length], data: Float32Array.from(values) };
}

function table(
  rows: readonly number[],
  cols: readonly number[],
  entry: (row: number, col: number) => number,
): DenseArray<Float32Array> {
  const data = Float32Array.from(rows.flatMap(row => cols.map(col => entry(row, col))));
  return { shape: [rows.length, cols.length], data };
}

function weights(parameters: Record<string, DenseArray<Float32Array>>): Weights {
  return { parameters, constants: {} };
}
