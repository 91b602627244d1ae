import { encodeModel, makeGraph, makeModel, makeNode } from '@ood/onnx';
import type { OpenFeatures } from './open-features.ts';

/** The model behind a guard of features: the head alone, features → logits; of embedders, the features as they are. */
export function headModel(head: OpenFeatures['head'], featureSize: number): Uint8Array {
  const inputs = [{ name: 'features', type: 'float32' as const, dims: ['batch', featureSize] }];
  if (head === undefined) {
    const outputs = [{ name: 'embedding', type: 'float32' as const, dims: ['batch', featureSize] }];
    const nodes = [makeNode('Identity', { inputs: ['features'], outputs: ['embedding'] })];
    return encodeModel(makeModel(makeGraph('embedding', { inputs, outputs, nodes })));
  }
  const {
    head: { weights, bias },
    decision,
  } = head;
  // The sigmoid says how the logits are meant.
  const isMultiLabel = decision === 'multi-label';
  const graph = makeGraph('head', {
    inputs,
    outputs: [{ name: isMultiLabel ? 'scores' : 'logits', type: 'float32', dims: ['batch', weights.rows] }],
    nodes: [
      makeNode('Gemm', { inputs: ['features', 'W', 'b'], outputs: ['logits'], attributes: { transB: 1n } }),
      ...(isMultiLabel ? [makeNode('Sigmoid', { inputs: ['logits'], outputs: ['scores'] })] : []),
    ],
    initializers: {
      W: { type: 'float32', dims: [weights.rows, weights.cols], data: Float32Array.from(weights.data) },
      b: { type: 'float32', dims: [weights.rows], data: Float32Array.from(bias) },
    },
  });
  return encodeModel(makeModel(graph));
}
