import { Names } from '../flatten/names.ts';
import { floatAttribute, intAttribute } from '../graph/attributes.ts';
import { makeNode } from '../graph/build.ts';
import { type GraphIndex, graphOf, indexGraph } from '../graph/graph-index.ts';
import { tensorNames } from '../graph/names.ts';
import type { ModelProto, NodeProto } from '../schema/generated/onnx_pb.ts';

/** What a rewriting rule sees. */
interface Context {
  readonly index: GraphIndex;
  /** Adds a node and returns what it makes. */
  add(
    opType: string,
    inputs: readonly string[],
    attributes?: Parameters<typeof makeNode>[1]['attributes'],
  ): string;
}

/** Adds nodes that make the node's outputs in float32; false leaves the node as it is. */
type Rule = (node: NodeProto, context: Context) => readonly (string | undefined)[] | undefined;

/** Constants become floats; what the quantization of an activation made is its input already. */
const toFloat = (
  tensor: string,
  { index, add }: Context,
  scale?: string,
  zeroPoint?: string,
  axis?: bigint,
): string => {
  if (!index.isConstant(tensor)) return tensor;
  const inputs = [tensor, scale ?? '', zeroPoint ?? ''].filter(
    (name, i, all) => name !== '' || all.slice(i).some(Boolean),
  );
  if (scale !== undefined) return add('DequantizeLinear', inputs, axis === undefined ? {} : { axis });
  const value = add('Cast', [tensor], { to: 1n });
  return zeroPoint ? add('Sub', [value, add('Cast', [zeroPoint], { to: 1n })]) : value;
};

const product = (a: string, b: string, context: Context): string => context.add('Mul', [a, b]);

const rules: Readonly<Record<string, Rule>> = {
  QuantizeLinear: ({ input }, { index }) => (index.isConstant(input[0]!) ? undefined : [input[0]]),
  DequantizeLinear: ({ input }, { index }) => (index.isConstant(input[0]!) ? undefined : [input[0]]),
  // Scale 1 and zero point 0 of what is not quantized.
  DynamicQuantizeLinear: ({ input }, { add }) => {
    const [zero] = [
      add('Sub', [
        add('ReduceMax', [input[0]!], { keepdims: 0n }),
        add('ReduceMax', [input[0]!], { keepdims: 0n }),
      ]),
    ];
    return [input[0], add('Exp', [zero!]), zero];
  },
  MatMulInteger: ({ input }, context) => {
    const [a, b, , zero] = input;
    return [context.add('MatMul', [a!, toFloat(b!, context, undefined, zero)])];
  },
  ConvInteger: (node, context) => {
    const [x, w, , zero] = node.input;
    return [copy(node, 'Conv', [x!, toFloat(w!, context, undefined, zero)], context)];
  },
  QLinearMatMul: ({ input }, context) => {
    const [a, scaleA, zeroA, b, scaleB, zeroB] = input;
    return [
      context.add('MatMul', [toFloat(a!, context, scaleA, zeroA), toFloat(b!, context, scaleB, zeroB, 1n)]),
    ];
  },
  QLinearConv: (node, context) => {
    const [x, scaleX, , w, scaleW, zeroW, , , bias] = node.input;
    const operands = [x!, toFloat(w!, context, scaleW, zeroW, 0n)];
    if (bias) operands.push(product(toFloat(bias, context), product(scaleX!, scaleW!, context), context));
    return [copy(node, 'Conv', operands, context)];
  },
  QGemm: (node, context) => {
    const [a, scaleA, , b, scaleB, zeroB, c] = node.input;
    const transB = BigInt(intAttribute(node, 'transB', 0));
    const operands = [a!, toFloat(b!, context, scaleB, zeroB, transB === 1n ? 0n : 1n)];
    if (c) operands.push(product(toFloat(c, context), product(scaleA!, scaleB!, context), context));
    const alpha = floatAttribute(node, 'alpha', 1);
    return [
      context.add('Gemm', operands, { alpha, transA: BigInt(intAttribute(node, 'transA', 0)), transB }),
    ];
  },
  QLinearAdd: ({ input }, context) => {
    const [a, scaleA, zeroA, b, scaleB, zeroB] = input;
    return [context.add('Add', [toFloat(a!, context, scaleA, zeroA), toFloat(b!, context, scaleB, zeroB)])];
  },
  QLinearMul: ({ input }, context) => {
    const [a, scaleA, zeroA, b, scaleB, zeroB] = input;
    return [product(toFloat(a!, context, scaleA, zeroA), toFloat(b!, context, scaleB, zeroB), context)];
  },
  QLinearGlobalAveragePool: ({ input }, { add }) => [add('GlobalAveragePool', [input[0]!])],
  DynamicQuantizeMatMul: ({ input }, context) => {
    const [a, b, scale, zero, bias] = input;
    const made = context.add('MatMul', [a!, toFloat(b!, context, scale, zero, 1n)]);
    return [bias ? context.add('Add', [made, bias]) : made];
  },
  MatMulIntegerToFloat: ({ input }, context) => {
    const [a, b, , scale, , zero, bias] = input;
    const made = context.add('MatMul', [a!, toFloat(b!, context, scale, zero, 1n)]);
    return [bias ? context.add('Add', [made, bias]) : made];
  },
};

/** Operators that quantize activations, or compute with what is quantized. */
export const quantizedOperators: ReadonlySet<string> = new Set(Object.keys(rules));

/**
 * Returns the model with activations that are not quantized: each quantized operator gives way to its float32 counterpart with
 * the weights that its integers stand for. What a quantized model would compute with exact arithmetic: for reading weights out of
 * it, not for running it instead. Understands QDQ pairs, QOperator, dynamic and weight-only forms of onnxruntime's quantizer.
 */
export function withoutQuantization(model: ModelProto): ModelProto {
  const graph = graphOf(model);
  const index = indexGraph(graph);
  const names = new Names(tensorNames(graph));
  const replaced = new Map<string, string>();
  const nodes: NodeProto[] = [];
  for (const original of graph.node) {
    const node = { ...original, input: original.input.map(name => replaced.get(name) ?? name) };
    const rule = Object.hasOwn(rules, node.opType) ? rules[node.opType] : undefined;
    const add: Context['add'] = (opType, inputs, attributes = {}) => {
      const output = names.fresh(`${node.output[0]}/${opType}`);
      nodes.push(makeNode(opType, { inputs, outputs: [output], attributes }));
      return output;
    };
    const made = rule?.(node, { index, add });
    if (made === undefined) nodes.push(node);
    for (const [i, name] of (made ?? []).entries()) {
      const output = node.output[i];
      if (name !== undefined && output) replaced.set(output, name);
    }
  }
  const results = graph.output.flatMap(({ name }) => {
    const made = replaced.get(name);
    return made === undefined ? [] : [makeNode('Identity', { inputs: [made], outputs: [name] })];
  });
  return { ...model, graph: { ...graph, node: [...nodes, ...results], valueInfo: [] } };
}

function copy(node: NodeProto, opType: string, inputs: readonly string[], { add }: Context): string {
  const attributes = Object.fromEntries(
    node.attribute.map(({ name, i, ints, s }) => [
      name,
      ints.length > 0 ? ints : s.length > 0 ? new TextDecoder().decode(s) : i,
    ]),
  );
  return add(opType, inputs, attributes);
}
