// Graphs as data

export {
  externalLocations,
  loadExternalData,
  type MovedModel,
  type MoveOptions,
  moveToExternalData,
  type ReadExternal,
} from './external-data/external-data.ts';
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
export { type CutOptions, cutModel } from './graph/cut.ts';
export { type AppendOptions, appendNodes, type PrependOptions, prependNodes } from './graph/extend.ts';
export { describeNode, type GraphIndex, graphOf, indexGraph } from './graph/graph-index.ts';
export { freeName, tensorNames } from './graph/names.ts';
export { renameTensors } from './graph/rename.ts';
export { describeType, dimsOf, readValueInfo } from './graph/value-info.ts';
export { constantNames, readsOf, subgraphs, tensorsOf } from './graph/walk.ts';
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
export { dataTypeCode, dataTypeName, elementTypeOf } from './tensor/data-types.ts';
export { readTensor } from './tensor/read-tensor.ts';
export { writeTensor } from './tensor/write-tensor.ts';

// Changing and joining graphs

export { flattenModel } from './flatten/flatten.ts';
export { type JoinOptions, joinModels } from './join/join.ts';
export { opsetOf, upgradeOpset } from './opset/upgrade.ts';
export { quantizedOperators, withoutQuantization } from './quantized/without-quantization.ts';

// Describing graphs

export { type Inference, type InferenceProblem, inferShapes } from './infer/infer-shapes.ts';
export type { Dim, Shaped } from './infer/shaped.ts';
export { describeModel, type ModelDescription, type ValueDescription } from './inspect/describe-model.ts';
export { requireModestSizes, type SizeLimits } from './inspect/require-modest-sizes.ts';

// Sessions and runtimes

export { createFailed } from './session/create-failed.ts';
export { elementArrays } from './session/element-types.ts';
export { type OpenModelOptions, openModel } from './session/open-model.ts';
export { type OrtSessionOptions, ortSession } from './session/ort-session.ts';
export type {
  ElementArrays,
  ElementType,
  Runtime,
  Session,
  SessionOptions,
  Tensor,
  TensorInfo,
} from './session/session.ts';

// Errors

export { OnnxError, type OnnxErrorCode } from './errors.ts';
