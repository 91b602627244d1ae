import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { LabeledRows, Matrix } from '@ood/core';
import { intAttribute, readTensor } from '@ood/onnx';
import { readModel } from '@ood/onnx/node';
import type { Head } from '../../src/index.ts';
import { readNpy } from './npy.ts';

export interface OodSet {
  readonly name: string;
  readonly near: boolean;
  readonly rows: { readonly features: Matrix; readonly logits: Matrix };
}

export interface Benchmark {
  readonly name: string;
  readonly head: Head;
  readonly train: LabeledRows & { readonly features: Matrix; readonly labels: Int32Array };
  readonly test: { readonly features: Matrix; readonly logits: Matrix };
  readonly ood: readonly OodSet[];
}

/** OOD sets that are close to their ID classes. */
const NEAR = ['ood-tinyimagenet', 'ood-scenes', 'ood-omniglot'];

/** Benchmarks of features alone, by the one that holds their model. */
const MODEL_OF: Readonly<Record<string, string>> = { 'imagenet1k-mobilenet': 'imagenette-mobilenet' };

/** The benchmarks in the folder named by OOD_BENCH: real models, ready features and logits. */
export async function loadBenchmarks(): Promise<Benchmark[]> {
  const root = process.env.OOD_BENCH;
  if (root === undefined || !existsSync(root)) {
    throw new Error(
      'set OOD_BENCH to the folder of the benchmarks (features and model.onnx in one folder each)',
    );
  }
  const folders = (await readdir(root, { withFileTypes: true })).filter(entry => entry.isDirectory());
  return Promise.all(folders.map(({ name }) => loadBenchmark(name, join(root, name))));
}

async function loadBenchmark(name: string, folder: string): Promise<Benchmark> {
  const at = (set: string, what: string) => join(folder, 'features', `${set}.${what}.npy`);
  const own = join(folder, 'model.onnx');
  const head = await readHead(existsSync(own) ? own : join(folder, '..', MODEL_OF[name]!, 'model.onnx'));
  const matrix = async (set: string, what: string): Promise<Matrix> => {
    const { shape, data } = await readNpy(at(set, what));
    return { rows: shape[0]!, cols: shape[1]!, data: data as Float32Array };
  };
  const rows = async (set: string) => ({
    features: await matrix(set, 'features'),
    logits: await matrix(set, 'logits'),
  });
  const sets = (await readdir(join(folder, 'features')))
    .filter(file => file.startsWith('ood-') && file.endsWith('.features.npy'))
    .map(file => file.slice(0, -'.features.npy'.length));
  const features = await matrix('id-train', 'features');
  const logits = existsSync(at('id-train', 'logits')) ? await matrix('id-train', 'logits') : undefined;
  return {
    name,
    head,
    train: {
      features,
      ...(logits && { logits }),
      labels: (await readNpy(at('id-train', 'labels'))).data as Int32Array,
    },
    test: await rows('id-test'),
    ood: await Promise.all(
      sets.map(async set => ({ name: set, near: NEAR.includes(set), rows: await rows(set) })),
    ),
  };
}

/** Weights and bias of the last Gemm of a model. */
async function readHead(path: string): Promise<Head> {
  const model = await readModel(path);
  const graph = model.graph!;
  const gemm = graph.node.findLast(({ opType }) => opType === 'Gemm')!;
  const tensor = (name: string) => readTensor(graph.initializer.find(candidate => candidate.name === name)!);
  const weights = tensor(gemm.input[1]!);
  const data = weights.data as Float32Array;
  const bias = tensor(gemm.input[2]!).data as Float32Array;
  const [a, b] = weights.dims as [number, number];
  if (intAttribute(gemm, 'transB', 0) === 1) return { weights: { rows: a, cols: b, data }, bias };
  const transposed = Float32Array.from(data, (_, at) => data[(at % a!) * b! + Math.floor(at / a)]!);
  return { weights: { rows: b, cols: a, data: transposed }, bias };
}
