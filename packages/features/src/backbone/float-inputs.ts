import {
  freeName,
  type GraphIndex,
  graphOf,
  indexGraph,
  type ModelProto,
  makeNode,
  type NodeProto,
  tensorNames,
} from '@ood/onnx';

/** Linear layers that read integers with their scale and zero point. */
const layers = new Set(['QGemm', 'QLinearMatMul', 'QLinearConv']);
const linear = /MatMul|Gemm|Conv/;

/**
 * Returns the model with floats in front of its last quantized layers: DequantizeLinear and QuantizeLinear come before
 * each that reads integers. They change nothing, and give features a tensor that holds what the layer reads as numbers.
 */
export function withFloatInputs(model: ModelProto): ModelProto {
  const graph = graphOf(model);
  if (!graph.node.some(({ opType }) => layers.has(opType))) return model;
  const index = indexGraph(graph);
  const taken = tensorNames(graph);
  const fresh = (wanted: string): string => {
    const name = freeName(taken, wanted);
    taken.add(name);
    return name;
  };
  const last = lastLayers(
    index,
    graph.output.map(({ name }) => name),
  );
  const node = graph.node.flatMap(layer => {
    const [data = '', scale = '', zeroPoint = ''] = layer.input;
    if (!last.has(layer) || index.isConstant(data)) return [layer];
    const [float, integers] = [fresh('ood.float'), fresh('ood.integers')];
    const parameters = [scale, zeroPoint];
    return [
      makeNode('DequantizeLinear', { inputs: [data, ...parameters], outputs: [float] }),
      makeNode('QuantizeLinear', { inputs: [float, ...parameters], outputs: [integers] }),
      { ...layer, input: [integers, ...layer.input.slice(1)] },
    ];
  });
  return { ...model, graph: { ...graph, node } };
}

/** Quantized layers behind which no other linear layer comes. */
function lastLayers(index: GraphIndex, outputs: readonly string[]): ReadonlySet<NodeProto> {
  const last = new Set<NodeProto>();
  const seen = new Set<string>();
  const pending = [...outputs];
  for (let tensor = pending.pop(); tensor !== undefined; tensor = pending.pop()) {
    if (seen.has(tensor)) continue;
    seen.add(tensor);
    const node = index.producer(tensor);
    if (node === undefined) continue;
    if (layers.has(node.opType)) last.add(node);
    else if (!linear.test(node.opType)) pending.push(...node.input);
  }
  return last;
}
