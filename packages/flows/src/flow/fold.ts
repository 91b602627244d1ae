import type { Runtime } from '@ood/onnx';
import { record } from '@ood/onnx/record';
import * as tf from '@tensorflow/tfjs';
import { chain, isChain } from '../bijections/chain.ts';
import { array, joinWeights, type NamedArrays, scopeWeights, type Weights } from '../contract/arrays.ts';
import { type Bijection, defineBijection } from '../contract/bijection.ts';

/** A bijection with its weights. */
interface Weighted {
  readonly bijection: Bijection;
  readonly weights: Weights;
}

/**
 * The same map for scoring: in a chain, each run of dense linear links and the elementwise ones beside them becomes one
 * matrix (LU and ActNorm: one product instead of two triangles and a scaling). It has no inverse and is not for training.
 */
export async function foldLinear(
  bijection: Bijection,
  weights: Weights,
  runtime: Runtime,
): Promise<Weighted> {
  if (!isChain(bijection)) return { bijection, weights };
  const folded: Weighted[] = [];
  let run: Weighted[] = [];
  const flush = async () => {
    if (
      run.some(({ bijection: { kind } }) => kind === 'lu-linear' || kind === 'fixed-affine') &&
      run.length > 0
    ) {
      folded.push(await asMatrix(run, runtime));
    } else folded.push(...run);
    run = [];
  };
  for (const [i, link] of bijection.links.entries()) {
    const weighted = { bijection: link, weights: scopeWeights(weights, `${i}`) };
    if (link.linear) run.push(weighted);
    else {
      await flush();
      folded.push(weighted);
    }
  }
  await flush();
  return {
    bijection: chain(folded.map(link => link.bijection)),
    weights: joinWeights(folded.map(link => link.weights)),
  };
}

/** The matrix and offset of a run of linear links, from what they do to the unit vectors and to zero. */
async function asMatrix(run: readonly Weighted[], runtime: Runtime): Promise<Weighted> {
  const links = chain(run.map(link => link.bijection));
  const { dim } = links;
  const { parameters, constants } = joinWeights(run.map(link => link.weights));
  const arrays = { ...parameters, ...constants };
  const graph = record(
    ({ x, ...t }) => {
      const { value, logDet } = links.forward(t, x as tf.Tensor2D);
      return { value, logDet: tf.reshape(logDet, [1]) };
    },
    { inputs: { x: ['rows', dim], ...inputsOf(arrays) } },
  );
  const session = await runtime.createSession(graph.bytes);
  try {
    const x = new Float32Array((dim + 1) * dim);
    for (let i = 0; i < dim; i++) x[(i + 1) * dim + i] = 1;
    const result = await session.run({
      x: { type: 'float32', dims: [dim + 1, dim], data: x },
      ...feedsOf(arrays),
    });
    const rows = result.value!.data as Float32Array;
    const offset = rows.slice(0, dim);
    const matrix = rows.slice(dim);
    for (let i = 0; i < matrix.length; i++) matrix[i]! -= offset[i % dim]!;
    return folded(dim, { matrix, offset, logDet: (result.logDet!.data as Float32Array)[0]! });
  } finally {
    await session.close();
  }
}

/** Graph inputs for named arrays. */
function inputsOf(arrays: NamedArrays): Record<string, readonly number[]> {
  return Object.fromEntries(Object.entries(arrays).map(([name, { shape }]) => [name, shape]));
}

function feedsOf(arrays: NamedArrays) {
  return Object.fromEntries(
    Object.entries(arrays).map(([name, { shape, data }]) => [
      name,
      { type: 'float32' as const, dims: shape, data },
    ]),
  );
}

interface FoldedNumbers {
  readonly matrix: Float32Array;
  readonly offset: Float32Array;
  readonly logDet: number;
}

function folded(dim: number, { matrix, offset, logDet }: FoldedNumbers): Weighted {
  const bijection = defineBijection({
    kind: 'folded',
    dim,
    options: { dim },
    parameters: {},
    constants: { matrix: [dim, dim], offset: [dim], logDet: [] },
    initialize() {
      throw new Error('a folded map is made from other maps');
    },
    forward: (t, x) => ({
      value: tf.add(tf.matMul(x, t.matrix as tf.Tensor2D), t.offset!) as tf.Tensor2D,
      logDet: t.logDet!,
    }),
    inverse() {
      throw new Error('a folded map only scores');
    },
  });
  const constants = {
    matrix: array([dim, dim], matrix),
    offset: array([dim], offset),
    logDet: array([], [logDet]),
  };
  return { bijection, weights: { parameters: {}, constants } };
}
