export { isOnnxError, OnnxError, type OnnxErrorCode, type OnnxErrorParts } from './errors.ts';
export {
  type AttributeValue,
  floatAttribute,
  intAttribute,
  intsAttribute,
  makeAttribute,
  stringAttribute,
} from './graph/attributes.ts';
export {
  type GraphOptions,
  type ModelOptions,
  makeGraph,
  makeModel,
  makeNode,
  makeValueInfo,
  type NodeOptions,
} from './graph/build.ts';
export { type DecodeOptions, decodeModel, encodeModel, MAX_MODEL_BYTES } from './schema/codec.ts';
export {
  type AttributeProto,
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  type FunctionProto,
  FunctionProtoSchema,
  type GraphProto,
  GraphProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type OperatorSetIdProto,
  OperatorSetIdProtoSchema,
  type SparseTensorProto,
  SparseTensorProtoSchema,
  type StringStringEntryProto,
  StringStringEntryProtoSchema,
  type TensorProto,
  TensorProto_DataLocation,
  TensorProto_DataType,
  TensorProtoSchema,
  type TensorShapeProto,
  TensorShapeProto_DimensionSchema,
  TensorShapeProtoSchema,
  type TypeProto,
  TypeProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from './schema/generated/onnx_pb.ts';
export type {
  ElementArrays,
  ElementType,
  Runtime,
  Session,
  SessionOptions,
  Tensor,
  TensorInfo,
} from './session/session.ts';
export { dataTypeCode, dataTypeName, elementTypeOf } from './tensor/data-types.ts';
export { readTensor } from './tensor/read-tensor.ts';
export { writeTensor } from './tensor/write-tensor.ts';
