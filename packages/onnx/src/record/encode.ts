import { OnnxError } from '../errors.ts';
import type { AttributeValue } from '../graph/attributes.ts';
import { makeGraph, makeModel, makeNode } from '../graph/build.ts';
import { encodeModel } from '../schema/codec.ts';
import type { NodeProto } from '../schema/generated/onnx_pb.ts';
import type { Tensor, TensorInfo } from '../session/session.ts';
import { dataTypeCode } from '../tensor/data-types.ts';
import type { Attribute, Graph, Node, Value, ValueType } from './graph/graph.ts';

/** Names that the encoder gives to values and nodes start so; names of users may not. */
export const RESERVED_PREFIX = 'ood:';

/** From this opset on, reductions other than `ReduceSum` take their axes as an input. */
const AXES_AS_INPUT = 18;
const SCATTER_ADDS = 16;

export interface EncodeOptions {
  readonly name: string;
  readonly opset: number;
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
}

/** Returns the graph as the bytes of an ONNX model. */
export function encodeGraph(graph: Graph, { name, opset, inputs, outputs }: EncodeOptions): Uint8Array {
  const names = new Map<number, string>();
  for (const { name: wanted, value } of [...graph.inputs, ...graph.outputs]) {
    if (!value.data && !names.has(value.id)) names.set(value.id, wanted);
  }
  const initializers: Record<string, Tensor> = {};
  const nodes: NodeProto[] = [];

  const nameOf = (value: Value): string => {
    const known = names.get(value.id);
    if (known !== undefined) return known;
    const chosen = value.name ?? `${RESERVED_PREFIX}${value.id}`;
    names.set(value.id, chosen);
    if (value.data) initializers[chosen] = constantTensor(value);
    return chosen;
  };

  const encodeNode = (node: Node): void => {
    const axesFirst = node.operator === 'ReduceSum' || opset >= AXES_AS_INPUT;
    const { axes, ...others } = node.attributes;
    const operands = node.inputs.map(nameOf);
    const attributes: Record<string, AttributeValue> = {};
    for (const [key, value] of Object.entries(others)) attributes[key] = attributeValue(key, value);
    if (axes !== undefined && axesFirst) operands.push(axesInput(axes as readonly number[], initializers));
    else if (axes !== undefined) attributes.axes = attributeValue('axes', axes);
    const results = node.outputs.map(nameOf);
    nodes.push(
      makeNode(node.operator, {
        inputs: operands,
        outputs: results,
        attributes,
        name: `${RESERVED_PREFIX}${node.operator}_${node.outputs[0]!.id}`,
      }),
    );
    if (node.operator.startsWith('Scatter') && opset < SCATTER_ADDS) {
      throw new OnnxError('INVALID_SPECIFICATION', {
        where: 'record',
        expected: `an opset of at least ${SCATTER_ADDS} for a graph that adds up by index`,
        got: `${opset}`,
        advice: 'raise `opset`',
      });
    }
  };

  for (const node of graph.nodes) encodeNode(node);
  for (const { name: wanted, value } of graph.outputs) {
    const from = nameOf(value);
    if (from === wanted) continue;
    nodes.push(
      makeNode('Identity', {
        inputs: [from],
        outputs: [wanted],
        name: `${RESERVED_PREFIX}Identity_${wanted}`,
      }),
    );
  }

  const proto = makeGraph(name, { inputs, outputs, nodes, initializers });
  return encodeModel(makeModel(proto, { opset, irVersion: opset >= 21 ? 10 : opset >= 19 ? 9 : 8 }));
}

function axesInput(axes: readonly number[], initializers: Record<string, Tensor>): string {
  const name = `${RESERVED_PREFIX}axes_${axes.join('_')}`;
  initializers[name] ??= { type: 'int64', dims: [axes.length], data: BigInt64Array.from(axes, BigInt) };
  return name;
}

function constantTensor({ type, shape, data }: Value): Tensor {
  return { type, dims: shape as readonly number[], data } as Tensor;
}

function attributeValue(key: string, value: Attribute): AttributeValue {
  if (key === 'to') return BigInt(dataTypeCode(value as ValueType));
  if (typeof value === 'number') return BigInt(value);
  if (typeof value === 'string') return value;
  return 'float' in value ? value.float : value.map(BigInt);
}
