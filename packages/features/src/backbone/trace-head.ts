import { describeNode, type GraphIndex, type Inference, type NodeProto } from '@ood/onnx';
import { isQuantized } from './constants.ts';
import { isPointwise, neutral, reshaping, type TracedHead } from './find-head.ts';

/** Linear layers: which inputs may be the data, and where the weights are. Whichever is not constant is the data. */
const layers: Readonly<Record<string, readonly (readonly [data: number, weights: number])[]>> = {
  ...Object.fromEntries(
    ['MatMul', 'Gemm', 'FusedMatMul', 'TransposeMatMul', 'Einsum'].map(op => [
      op,
      [
        [0, 1],
        [1, 0],
      ] as const,
    ]),
  ),
  ...Object.fromEntries(
    [
      'Conv',
      'MatMulInteger',
      'ConvInteger',
      'DynamicQuantizeMatMul',
      'MatMulIntegerToFloat',
      'MatMulNBits',
    ].map(op => [op, [[0, 1]] as const]),
  ),
  ...Object.fromEntries(['QLinearMatMul', 'QLinearConv', 'QGemm'].map(op => [op, [[0, 3]] as const])),
};
/** Linear in their first input; the others are sizes, places and scales. */
const rearranging = new Set([
  ...reshaping,
  ...neutral,
  ...['Transpose', 'Neg', 'Gather', 'GatherND', 'Slice', 'Expand', 'Tile', 'Split', 'BatchNormalization'],
  ...['QuantizeLinear', 'DequantizeLinear', 'ReduceMean', 'ReduceSum'],
  ...['GlobalAveragePool', 'AveragePool', 'QLinearGlobalAveragePool'],
]);
const sums = new Set(['Add', 'Sub', 'Sum', 'Mean', 'Concat', 'QLinearAdd']);
const ends = new Set(['Softmax', 'LogSoftmax', 'Sigmoid', 'HardSigmoid', 'ArgMax', 'TopK']);
const factors = new Set(['Mul', 'Div', 'QLinearMul']);
const rectifiers = new Set(['Relu', 'LeakyRelu', 'Clip']);
const pools = /AveragePool$|^ReduceMean$/;
const domains = new Set(['', 'ai.onnx', 'com.microsoft']);

/**
 * Returns the linear layers behind an output that everything between is affine in, whatever the spelling: sums and averages of
 * several layers, constant factors and offsets, transposed, Einsum, fused and quantized products. Whether it is right is for the
 * proof to say. A text where there are none.
 *
 * @param behindRectifier whether a ReLU between a convolution and its pooling may be passed over, as in SqueezeNet; an embedder
 *   without its head looks alike
 */
export function traceHead(
  index: GraphIndex,
  inference: Inference,
  output: string,
  { behindRectifier }: { readonly behindRectifier: boolean },
): TracedHead | string {
  const { logits, averaged, sigmoid } = findLogits(index, output, behindRectifier);
  const found = new Map<NodeProto, string>();
  const reason = walk(index, logits, found);
  if (reason !== undefined) return reason;
  const nodes = [...found.keys()];
  const last = nodes[0];
  if (last === undefined) return `${quote(logits)} is constant`;
  const pooled = nodes.every(({ opType }) => opType.includes('Conv'));
  if (!pooled && nodes.some(({ opType }) => opType.includes('Conv')))
    return 'the logits are a sum of convolutions and other layers';
  const sources = sharedRoots(index, [...new Set(found.values())]);
  for (const source of sources) {
    const dims = inference.tensors.get(source)?.dims;
    const fits =
      dims === undefined ||
      (pooled ? dims.length === 4 : dims.length === 2 || (dims.length === 3 && dims[1] === 1));
    if (!fits)
      return `${describeNode(last)} reads ${quote(source)}, which is more than a vector for each input`;
  }
  const kind = [...new Set(nodes.map(({ opType }) => opType))].join(' + ');
  const quantized = isQuantized(index, logits, new Set(sources));
  return { kind, node: last, features: sources[0]!, sources, logits, pooled, averaged, quantized, sigmoid };
}

/** The tensor before whatever turns logits into probabilities, or cuts them off. */
function findLogits(index: GraphIndex, output: string, behindRectifier: boolean) {
  let [logits, tensor] = [output, output];
  let [pooled, averaged, sigmoid] = [false, false, false];
  // A damaged graph may lead in a circle.
  const seen = new Set<string>();
  for (;;) {
    const node = seen.has(tensor) ? undefined : index.producer(tensor);
    seen.add(tensor);
    if (node === undefined || !domains.has(node.domain)) return { logits, averaged, sigmoid };
    const rectified = rectifiers.has(node.opType) && (isClamp(index, node) || (behindRectifier && pooled));
    const binary = binaryLogit(index, node);
    if (ends.has(node.opType) || rectified || binary !== undefined) {
      logits = binary ?? node.input[0]!;
      averaged = rectified && pooled;
      sigmoid ||= node.opType === 'Sigmoid';
      tensor = logits;
      continue;
    }
    pooled ||= pools.test(node.opType);
    const next = rearranging.has(node.opType) ? node.input[0] : scaled(index, node);
    if (next === undefined) return { logits, averaged, sigmoid };
    tensor = next;
  }
}

/** Whether a Clip bounds its values on both sides of zero, as it does logits; from zero on it would be a rectifier. */
function isClamp(index: GraphIndex, node: NodeProto): boolean {
  if (node.opType !== 'Clip') return false;
  const low =
    node.attribute.find(({ name }) => name === 'min')?.f ?? index.constant(node.input[1] ?? '')?.data[0];
  return low === undefined || Number(low) < 0;
}

/** The logit of `[1 − p, p]` with p = sigmoid(logit). */
function binaryLogit(index: GraphIndex, node: NodeProto): string | undefined {
  if (node.opType !== 'Concat' || node.input.length !== 2) return undefined;
  const [q, p] = node.input as [string, string];
  const complement = index.producer(q);
  const sigmoid = index.producer(p);
  if (complement?.opType !== 'Sub' || complement.input[1] !== p || sigmoid?.opType !== 'Sigmoid')
    return undefined;
  return index.constant(complement.input[0]!)?.data[0] === 1 ? sigmoid.input[0] : undefined;
}

/** The operand of a sum, product or quotient that is not fixed; undefined where there are several, or another operator. */
function scaled(index: GraphIndex, node: NodeProto): string | undefined {
  if (!sums.has(node.opType) && !factors.has(node.opType)) return undefined;
  const open = operandsOf(node).filter(name => name !== '' && !isFixed(index, name));
  if (open.length !== 1 || node.opType === 'Concat') return undefined;
  return node.opType === 'Div' && open[0] !== node.input[0] ? undefined : open[0];
}

/** Collects the layers that a tensor is an affine function of, with what they read; a reason where it is not one. */
function walk(
  index: GraphIndex,
  tensor: string,
  found: Map<NodeProto, string>,
  seen = new Set<string>(),
): string | undefined {
  if (seen.has(tensor) || isFixed(index, tensor)) return undefined;
  seen.add(tensor);
  const node = index.producer(tensor);
  if (node === undefined) return `${quote(tensor)} is an input of the graph`;
  const other = `${quote(tensor)} comes from ${describeNode(node)}, which is not affine`;
  if (!domains.has(node.domain)) return other;
  if (Object.hasOwn(layers, node.opType)) {
    const data = dataOf(index, node);
    if (data === undefined) return `${describeNode(node)} has no constant weights`;
    if (node.opType.includes('Conv') && !isPointwise(index, node, node.opType === 'QLinearConv' ? 3 : 1))
      return `${quote(tensor)} comes from a convolution that is not 1×1`;
    found.set(node, sourceOf(index, data));
    return undefined;
  }
  if (rearranging.has(node.opType)) return walk(index, node.input[0] ?? '', found, seen);
  if (sums.has(node.opType)) {
    for (const input of operandsOf(node)) {
      const reason = walk(index, input, found, seen);
      if (reason !== undefined) return reason;
    }
    return undefined;
  }
  const next = scaled(index, node);
  return next === undefined ? other : walk(index, next, found, seen);
}

/** What a sum or product is of; quantized ones have scales and zero points besides. */
function operandsOf({ opType, input }: NodeProto): readonly string[] {
  return opType.startsWith('QLinear') ? [input[0]!, input[3]!] : input;
}

/**
 * What several layers read in common behind normalizations of their own (a BatchNormalization in each of LeViT's two heads), or else
 * their sources as they are: features that are each other's multiples would have no covariance to be judged by.
 */
function sharedRoots(index: GraphIndex, sources: readonly string[]): readonly string[] {
  if (sources.length < 2) return sources;
  const roots = new Set(sources.map(source => rootOf(index, source)));
  return roots.size < sources.length ? [...roots] : sources;
}

function rootOf(index: GraphIndex, source: string): string {
  return behind(
    index,
    source,
    ({ opType, domain }) => (opType === 'BatchNormalization' && domain === '') || neutral.has(opType),
  );
}

/** The tensor that a chain of first inputs begins with, back through nodes to pass. */
function behind(index: GraphIndex, tensor: string, passes: (node: NodeProto) => boolean): string {
  const seen = new Set<string>();
  for (let name = tensor; ; ) {
    seen.add(name);
    const node = index.producer(name);
    const next = node && passes(node) ? node.input[0] : undefined;
    if (next === undefined || seen.has(next)) return name;
    name = next;
  }
}

function dataOf(index: GraphIndex, node: NodeProto): string | undefined {
  if (node.input.length > 2 && node.opType === 'Einsum') return undefined;
  for (const [data, weights] of layers[node.opType]!) {
    const [a, b] = [node.input[data] ?? '', node.input[weights] ?? ''];
    if (!isFixed(index, a) && index.isConstant(b)) return a;
  }
  return undefined;
}

/**
 * What a layer reads, before it was transposed or dynamically quantized for the product. What DequantizeLinear makes is that already:
 * numbers as coarse, and cut off as far out, as the layer sees them.
 */
function sourceOf(index: GraphIndex, data: string): string {
  return behind(
    index,
    data,
    node => /^(Dynamic)?QuantizeLinear$|^Identity$|^Dropout$/.test(node.opType) || isSwap(node),
  );
}

function isSwap(node: NodeProto): boolean {
  if (node.opType !== 'Transpose') return false;
  const perm = node.attribute.find(({ name }) => name === 'perm')?.ints.map(Number);
  return perm?.length === 2 && perm[0] === 1;
}

/** Constant, or a scale or zero point that the quantization of an activation gives. */
function isFixed(index: GraphIndex, tensor: string): boolean {
  const pending = [tensor];
  const seen = new Set<string>();
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (seen.has(name) || index.isConstant(name)) continue;
    seen.add(name);
    const node = index.producer(name);
    const isScale = node?.opType === 'DynamicQuantizeLinear' && node.output[0] !== name;
    if (!isScale && node?.opType !== 'Mul') return false;
    if (!isScale) pending.push(...(node?.input ?? []));
  }
  return true;
}

function quote(name: string): string {
  return JSON.stringify(name);
}
