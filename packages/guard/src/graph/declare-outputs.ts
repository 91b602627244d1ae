import { graphOf, type ModelProto, makeValueInfo, type TensorInfo } from '@ood/onnx';

/** The model with these outputs, declared with these types and shapes. */
export function declareOutputs(model: ModelProto, outputs: readonly TensorInfo[]): ModelProto {
  return { ...model, graph: { ...graphOf(model), output: outputs.map(makeValueInfo) } };
}
