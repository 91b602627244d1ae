import { type GraphProto, type ModelProto, makeModel, upgradeOpset } from '@ood/onnx';

/** A graph as the model that is exported, of opset 17 or a later one. */
export function exportedModel(graph: GraphProto, opset: number): ModelProto {
  return upgradeOpset(makeModel(graph, { producer: '@ood/detectors' }), opset);
}
