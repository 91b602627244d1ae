import { create, isMessage } from '@bufbuild/protobuf';
import { OnnxError } from '../errors.ts';
import {
  type AttributeProto,
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  type GraphProto,
  GraphProtoSchema,
  type NodeProto,
} from '../schema/generated/onnx_pb.ts';
import type { Tensor } from '../session/session.ts';
import { writeTensor } from '../tensor/write-tensor.ts';

/** bigint: INT, number: FLOAT, string: STRING; lists of one of them; a tensor; a subgraph. */
export type AttributeValue =
  | bigint
  | number
  | string
  | readonly bigint[]
  | readonly number[]
  | readonly string[]
  | Tensor
  | GraphProto;

const { INT, INTS, FLOAT, FLOATS, STRING, STRINGS, TENSOR, GRAPH } = AttributeProto_AttributeType;

/** Returns a node attribute; its ONNX type follows from the JavaScript type (an empty list is a list of INTs). */
export function makeAttribute(name: string, value: AttributeValue): AttributeProto {
  return create(AttributeProtoSchema, { name, ...fields(name, value) });
}

type Fields = Omit<Partial<AttributeProto>, '$typeName' | '$unknown'>;

function fields(name: string, value: AttributeValue): Fields {
  if (typeof value === 'bigint') return { type: INT, i: value };
  if (typeof value === 'number') return { type: FLOAT, f: value };
  if (typeof value === 'string') return { type: STRING, s: encode(value) };
  if (isList(value)) return listFields(name, value);
  if (isMessage(value, GraphProtoSchema)) return { type: GRAPH, g: value };
  return { type: TENSOR, t: writeTensor('', value as Tensor) };
}

function listFields(name: string, values: readonly (bigint | number | string)[]): Fields {
  if (values.every(value => typeof value === 'bigint')) return { type: INTS, ints: [...values] };
  if (values.every(value => typeof value === 'number')) return { type: FLOATS, floats: [...values] };
  if (values.every(value => typeof value === 'string')) return { type: STRINGS, strings: values.map(encode) };
  throw new OnnxError('INVALID_OPTION', {
    where: `attribute ${JSON.stringify(name)}`,
    expected: 'a list of bigints (INTS), of numbers (FLOATS) or of strings',
    got: 'a mixed list',
    details: { attribute: name },
  });
}

function isList(value: AttributeValue): value is readonly bigint[] | readonly number[] | readonly string[] {
  return Array.isArray(value);
}

function encode(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

function find(node: NodeProto, name: string): AttributeProto | undefined {
  return node.attribute.find(attribute => attribute.name === name);
}

/** The value of an INT attribute as a number, or the fallback where the node does not set it. */
export function intAttribute(node: NodeProto, name: string, fallback: number): number;
export function intAttribute(node: NodeProto, name: string): number | undefined;
export function intAttribute(node: NodeProto, name: string, fallback?: number): number | undefined {
  const attribute = find(node, name);
  return attribute === undefined ? fallback : Number(attribute.i);
}

/** The value of a FLOAT attribute, or the fallback where the node does not set it. */
export function floatAttribute(node: NodeProto, name: string, fallback: number): number {
  return find(node, name)?.f ?? fallback;
}

/** The value of an INTS attribute, or undefined where the node does not set it. */
export function intsAttribute(node: NodeProto, name: string): number[] | undefined {
  return find(node, name)?.ints.map(Number);
}

/** The value of a STRING attribute, or the fallback where the node does not set it. */
export function stringAttribute(node: NodeProto, name: string, fallback: string): string {
  const attribute = find(node, name);
  return attribute === undefined ? fallback : new TextDecoder().decode(attribute.s);
}
