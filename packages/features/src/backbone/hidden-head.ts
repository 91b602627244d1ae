import {
  describeNode,
  type GraphIndex,
  graphOf,
  type Inference,
  indexGraph,
  type ModelProto,
  type NodeProto,
} from '@ood/onnx';
import { neutral, reshaping } from './find-head.ts';

/** Operators that are linear layers in whatever spelling, quantized and fused ones too. */
const linear = /MatMul|Gemm|Conv|Einsum|(?<!quantize)Linear$/i;
/** Operators that hold graphs of their own. */
const nested = new Set(['If', 'Loop', 'Scan', 'SequenceMap']);
const normalizations = /^(Simplified|Skip|SkipSimplified)?(Layer|Lp|RMS)Normalization$/;

/**
 * What in the graph may be the head that was not recognized: a linear layer that makes as many values as the output has, or
 * layers that do so together, or a part that cannot be seen into. Undefined where there is none, or where the output is
 * normalized over its values, as logits never are.
 */
export function hiddenHead(
  model: ModelProto,
  inference: Inference,
  { output, width }: { readonly output: string; readonly width: number },
): string | undefined {
  const index = indexGraph(graphOf(model));
  if (endsNormalized(index, output)) return undefined;
  const local = new Set(model.functions.map(({ domain, name }) => `${domain}:${name}`));
  const isOpaque = ({ domain, opType }: NodeProto) => nested.has(opType) || local.has(`${domain}:${opType}`);
  const { last, all } = upstream(index, output, isOpaque);
  const opaque = last.find(isOpaque);
  if (opaque) return `${describeNode(opaque)} holds layers that cannot be seen`;
  const makes = (node: NodeProto) => widthOf(index, inference, node);
  const one = all.find(node => makes(node)?.includes(width));
  if (one) return `${describeNode(one)} makes as many values as the output has (${width})`;
  const distances = prototypes(index, output, width);
  if (distances)
    return `${describeNode(distances)} takes differences to as many vectors as the output has values (${width})`;
  const single = last.find(node => makes(node)?.[0] === 1);
  if (width === 2 && single && last.every(node => makes(node)?.[0] === 1))
    return `${describeNode(single)} makes one value, as binary classifiers do`;
  const sum = last.reduce((total, node) => total + (makes(node)?.[0] ?? Number.NaN), 0);
  return last.length > 1 && sum === width
    ? `${last.map(describeNode).join(' and ')} together make as many values as the output has (${width})`
    : undefined;
}

/** Linear and opaque nodes above a tensor: the last ones on each way, and all. */
function upstream(index: GraphIndex, output: string, isOpaque: (node: NodeProto) => boolean) {
  const all = new Set<NodeProto>();
  const last = new Set<NodeProto>();
  const seen = new Map<string, boolean>();
  const pending = [{ tensor: output, behind: false }];
  for (let item = pending.pop(); item; item = pending.pop()) {
    const { tensor, behind } = item;
    // A second visit matters only if it is the first without a layer on the way.
    if (seen.has(tensor) && (behind || seen.get(tensor) === false)) continue;
    seen.set(tensor, behind);
    const node = index.producer(tensor);
    if (!node) continue;
    const counts = linear.test(node.opType) || isOpaque(node);
    if (counts) all.add(node);
    if (counts && !behind) last.add(node);
    for (const input of node.input) if (input) pending.push({ tensor: input, behind: behind || counts });
  }
  return { last: [...last], all: [...all] };
}

/** How many values a layer makes of each input: by its output's shape, or else any size of its weights. */
function widthOf(index: GraphIndex, { tensors }: Inference, node: NodeProto): readonly number[] | undefined {
  const dims = tensors.get(node.output[0] ?? '')?.dims;
  // Its axes may be in any order.
  if (node.opType === 'Einsum' && dims) return dims.slice(1).filter(dim => typeof dim === 'number');
  const size = dims?.at(node.opType.includes('Conv') ? 1 : -1);
  if (typeof size === 'number') return [size];
  const sizes = node.input.flatMap(name => {
    const weights = tensors.get(name)?.dims ?? index.initializer(name)?.dims.map(Number);
    return weights && weights.length > 1 ? weights.filter(dim => typeof dim === 'number') : [];
  });
  return sizes.length === 0 ? undefined : sizes;
}

/** The node that takes differences to `width` fixed vectors, as classifiers by the nearest prototype do. */
function prototypes(index: GraphIndex, output: string, width: number): NodeProto | undefined {
  const seen = new Set<string>();
  const pending = [output];
  for (let tensor = pending.pop(); tensor !== undefined; tensor = pending.pop()) {
    if (seen.has(tensor)) continue;
    seen.add(tensor);
    const node = index.producer(tensor);
    const matches = (name: string): boolean => {
      const sizes = (index.initializer(name)?.dims ?? index.constant(name)?.dims ?? [])
        .map(Number)
        .filter(size => size > 1);
      return sizes.length === 2 && sizes[0] === width;
    };
    if (node?.opType === 'Sub' && node.input.some(matches)) return node;
    pending.push(...(node?.input ?? []));
  }
  return undefined;
}

/** Whether the output is a normalization over its values (LayerNormalization, division by a norm), reshaped at most. */
function endsNormalized(index: GraphIndex, output: string): boolean {
  const node = above(index, output, ({ opType }) => reshaping.has(opType) || neutral.has(opType));
  if (!node) return false;
  return normalizations.test(node.opType) || (node.opType === 'Div' && isNorm(index, node.input[1] ?? ''));
}

/** Whether a tensor is a norm, kept from zero and broadcast. */
function isNorm(index: GraphIndex, tensor: string): boolean {
  const steps = ['Clip', 'Max', 'Add', 'Sqrt', 'Expand', 'Unsqueeze'];
  const node = above(index, tensor, ({ opType }) => steps.includes(opType));
  return node !== undefined && /^Reduce(L2|SumSquare|L1)$/.test(node.opType);
}

/** The first node above a tensor that is none of those to pass; undefined also where they lead in a circle. */
function above(
  index: GraphIndex,
  tensor: string,
  passes: (node: NodeProto) => boolean,
): NodeProto | undefined {
  const seen = new Set<NodeProto>();
  let node = index.producer(tensor);
  while (node && passes(node)) {
    if (seen.has(node)) return undefined;
    seen.add(node);
    node = index.producer(node.input[0] ?? '');
  }
  return node;
}
