import { create } from '@bufbuild/protobuf';
import {
  type GraphProto,
  GraphProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from '../schema/generated/onnx_pb.ts';
import type { Tensor, TensorInfo } from '../session/session.ts';
import { dataTypeCode } from '../tensor/data-types.ts';
import { writeTensor } from '../tensor/write-tensor.ts';
import { type AttributeValue, makeAttribute } from './attributes.ts';

export interface NodeOptions {
  /** Names of the tensors it reads; `''` leaves an optional input out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Whole numbers are written as bigint (`{ axis: 1n }`), floats as number (`{ epsilon: 1e-5 }`). */
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
  readonly name?: string;
  /** Operator set it belongs to. Default: ONNX's own. */
  readonly domain?: string;
}

/** Returns one operator application, e.g. `makeNode('MatMul', { inputs: ['x', 'w'], outputs: ['y'] })`. */
export function makeNode(opType: string, options: NodeOptions): NodeProto {
  const { inputs, outputs, attributes = {}, name = '', domain = '' } = options;
  return create(NodeProtoSchema, {
    opType,
    domain,
    name,
    input: [...inputs],
    output: [...outputs],
    attribute: Object.entries(attributes).map(([key, value]) => makeAttribute(key, value)),
  });
}

/** Returns the declaration of a tensor; strings among its `dims` are named free dimensions, `null` an unnamed one. */
export function makeValueInfo(info: TensorInfo): ValueInfoProto {
  const dim = info.dims.map(size => {
    if (size === null) return {};
    return typeof size === 'number'
      ? { value: { case: 'dimValue' as const, value: BigInt(size) } }
      : { value: { case: 'dimParam' as const, value: size } };
  });
  const tensorType = { elemType: dataTypeCode(info.type), shape: { dim } };
  return create(ValueInfoProtoSchema, {
    name: info.name,
    type: { value: { case: 'tensorType', value: tensorType } },
  });
}

export interface GraphOptions {
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  /** In an order in which every node comes after those whose outputs it reads. */
  readonly nodes: readonly NodeProto[];
  /** Constant tensors by name. */
  readonly initializers?: Readonly<Record<string, Tensor>>;
}

/** Returns a graph from plain descriptions of its inputs, outputs and constants. */
export function makeGraph(name: string, options: GraphOptions): GraphProto {
  const { inputs, outputs, nodes, initializers = {} } = options;
  return create(GraphProtoSchema, {
    name,
    node: [...nodes],
    input: inputs.map(makeValueInfo),
    output: outputs.map(makeValueInfo),
    initializer: Object.entries(initializers).map(([key, tensor]) => writeTensor(key, tensor)),
  });
}

export interface ModelOptions {
  /** Version of ONNX's own operator set. Default: 17. */
  readonly opset?: number;
  /** Versions of further operator sets by domain. */
  readonly opsets?: Readonly<Record<string, number>>;
  /** Version of the file format. Default: 8, which runtimes since 2022 read. */
  readonly irVersion?: number;
  readonly producer?: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Returns a model around a graph, ready for `encodeModel`. */
export function makeModel(graph: GraphProto, options: ModelOptions = {}): ModelProto {
  const { opset = 17, opsets = {}, irVersion = 8, producer = '@ood/onnx', metadata = {} } = options;
  return create(ModelProtoSchema, {
    irVersion: BigInt(irVersion),
    producerName: producer,
    graph,
    opsetImport: Object.entries({ '': opset, ...opsets }).map(([domain, version]) => ({
      domain,
      version: BigInt(version),
    })),
    metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
  });
}
