import { type GraphIndex, intAttribute, intsAttribute, type NodeProto } from '@ood/onnx';
import { isQuantized } from './constants.ts';

/** What is known of a classifier's head before it is proved. */
interface HeadParts {
  /** Operators of the layers that it is made of. */
  readonly kind: string;
  /** The last of these layers. */
  readonly node: NodeProto;
  /** Tensor that the head reads. */
  readonly features: string;
  /** Tensor that holds the logits, before any Softmax; `[batch, classes]`, or with trailing dimensions of 1. */
  readonly logits: string;
  /** Whether the graph puts a Sigmoid behind the logits. */
  readonly sigmoid: boolean;
  /** Whether the features of a convolutional head are averaged over space, as its logits are. */
  readonly pooled: boolean;
  /** Whether `logits` is a map that is yet to be averaged. */
  readonly averaged: boolean;
  /** Whether integers have part in it, so that the proof must allow for their rounding. */
  readonly quantized: boolean;
}

/** One linear layer right before the logits, whose weights the file holds. */
export interface StoredHead extends HeadParts {
  /** Constant tensors; the bias may be missing. */
  readonly weights: string;
  readonly bias: string | undefined;
  /** How the constants become W `[classes, d]` and b: W = alpha·weights (transposed unless `classesFirst`), b = beta·bias. */
  readonly classesFirst: boolean;
  readonly alpha: number;
  readonly beta: number;
}

/** Layers that the logits are an affine function of, to be read by what that function makes of unit vectors. */
export interface TracedHead extends HeadParts {
  /** Tensors that the layers read; where there are several, the features are all of them one after the other. */
  readonly sources: readonly string[];
}

/** The head of a classifier, as found in its graph and not yet proved. */
export type FoundHead = StoredHead | TracedHead;

export type HeadSearch =
  | { readonly found: FoundHead }
  /** Why not; `classifier` where something shows that the model is one all the same. */
  | { readonly missing: string; readonly classifier: boolean };

export const reshaping = new Set(['Flatten', 'Reshape', 'Squeeze', 'Unsqueeze']);
/** What makes probabilities or a choice of logits. */
const activations = new Set(['Softmax', 'LogSoftmax', 'Sigmoid', 'ArgMax', 'TopK']);
export const neutral = new Set(['Dropout', 'Identity', 'Cast']);
const pools = new Set(['GlobalAveragePool', 'AveragePool', 'ReduceMean']);

/**
 * Returns the linear layer that makes an output: back from it through Softmax, LogSoftmax, Sigmoid, ArgMax, TopK, Flatten, Reshape,
 * Squeeze, Dropout, Identity, Cast and average pooling to a Gemm, a MatMul (with Add), or a 1×1 Conv.
 */
export function findHead(index: GraphIndex, output: string): HeadSearch {
  let logits = output;
  let tensor = output;
  let classifier = false;
  let pooled = false;
  let sigmoid = false;
  // A damaged graph may lead in a circle.
  const seen = new Set<string>();
  for (;;) {
    if (seen.has(tensor)) return missing(`${quote(tensor)} depends on itself`, classifier);
    seen.add(tensor);
    const node = index.producer(tensor);
    if (node === undefined) return missing(`${quote(tensor)} is an input of the graph`, classifier);
    if (node.domain !== '' && node.domain !== 'ai.onnx') {
      return missing(`${quote(tensor)} comes from ${node.domain}.${node.opType}`, classifier);
    }
    if (activations.has(node.opType)) {
      classifier = true;
      sigmoid ||= node.opType === 'Sigmoid';
      logits = node.input[0]!;
      pooled = false;
    } else if (pools.has(node.opType)) pooled = true;
    else if (!reshaping.has(node.opType) && !neutral.has(node.opType)) {
      const found = readLinear(index, node, pooled);
      if (typeof found === 'string') return missing(found, classifier);
      const quantized = isQuantized(index, found.weights);
      const made = pooled || found.kind === 'Conv' ? logits : tensor;
      return { found: { ...found, logits: made, pooled, averaged: false, quantized, sigmoid } };
    }
    tensor = node.input[0]!;
  }
}

type Linear = Omit<StoredHead, 'logits' | 'pooled' | 'averaged' | 'quantized' | 'sigmoid'>;

function readLinear(index: GraphIndex, node: NodeProto, pooled: boolean): Linear | string {
  if (node.opType === 'Conv') return readConv(index, node);
  if (pooled) return `${quote(node.output[0]!)} is pooled, but ${node.opType} is not a convolution`;
  if (node.opType === 'Gemm') return readGemm(index, node);
  if (node.opType === 'MatMul') return readMatMul(index, node, undefined);
  if (node.opType !== 'Add')
    return `${quote(node.output[0]!)} comes from ${node.opType}, not from a linear layer`;
  for (const [side, other] of [
    [0, 1],
    [1, 0],
  ] as const) {
    const product = index.producer(node.input[side]!);
    if (product === undefined || !index.isConstant(node.input[other]!)) continue;
    if (product.opType === 'MatMul') return readMatMul(index, product, node.input[other]);
    if (product.opType !== 'Gemm' || product.input[2]) continue;
    const found = readGemm(index, product);
    return typeof found === 'string' ? found : { ...found, bias: node.input[other]!, beta: 1 };
  }
  return `${quote(node.output[0]!)} is a sum, but not of a matrix product and a constant`;
}

function readGemm(index: GraphIndex, node: NodeProto): Linear | string {
  const [features, weights, bias] = node.input as [string, string, string?];
  if (intAttribute(node, 'transA', 0) === 1) return 'the Gemm transposes its features';
  if (!index.isConstant(weights)) return `the weights ${quote(weights)} are computed, not constant`;
  if (bias && !index.isConstant(bias)) return `the bias ${quote(bias)} is computed, not constant`;
  const float = (name: string): number => node.attribute.find(attribute => attribute.name === name)?.f ?? 1;
  const classesFirst = intAttribute(node, 'transB', 0) === 1;
  const factors = { alpha: float('alpha'), beta: float('beta') };
  return { kind: 'Gemm', node, features, weights, bias: bias || undefined, classesFirst, ...factors };
}

function readMatMul(index: GraphIndex, node: NodeProto, bias: string | undefined): Linear | string {
  const [features, weights] = node.input as [string, string];
  if (!index.isConstant(weights)) return `the weights ${quote(weights)} are computed, not constant`;
  return { kind: 'MatMul', node, features, weights, bias, classesFirst: false, alpha: 1, beta: 1 };
}

/** Whether a convolution is a linear layer at every place: kernel 1, one group, no stride or padding. */
export function isPointwise(index: GraphIndex, node: NodeProto, weights: number): boolean {
  const all = (name: string, value: number): boolean =>
    (intsAttribute(node, name) ?? []).every(item => item === value);
  // The attribute kernel_shape is optional: the weights say it too.
  const tensor = node.input[weights] ?? '';
  const [, , ...kernel] = index.initializer(tensor)?.dims ?? index.constant(tensor)?.dims ?? [];
  const sides = intsAttribute(node, 'kernel_shape') ?? kernel;
  return (
    intAttribute(node, 'group', 1) === 1 &&
    sides.length > 0 &&
    sides.every(side => Number(side) === 1) &&
    all('strides', 1) &&
    all('pads', 0)
  );
}

function readConv(index: GraphIndex, node: NodeProto): Linear | string {
  const [features, weights, bias] = node.input as [string, string, string?];
  if (!isPointwise(index, node, 1)) return `${quote(node.output[0]!)} comes from a Conv that is not 1×1`;
  if (!index.isConstant(weights)) return `the weights ${quote(weights)} are computed, not constant`;
  if (bias && !index.isConstant(bias)) return `the bias ${quote(bias)} is computed, not constant`;
  return {
    kind: 'Conv',
    node,
    features,
    weights,
    bias: bias || undefined,
    classesFirst: true,
    alpha: 1,
    beta: 1,
  };
}

function missing(reason: string, classifier: boolean): HeadSearch {
  return { missing: reason, classifier };
}

function quote(name: string): string {
  return JSON.stringify(name);
}
