import { encodeModel, makeGraph, makeModel, makeNode, type Tensor } from '@ood/onnx';

/**
 * A classifier of 224×224 images with as many multiplications as a ResNet-50 (about 4·10⁹ per image) and random weights:
 * what extraction costs beside a model that dominates it.
 */
export function heavyModel(): Uint8Array {
  const initializers: Record<string, Tensor> = {};
  const weights = (name: string, dims: readonly number[]): string => {
    const size = dims.reduce((a, b) => a * b, 1);
    const scale = Math.sqrt(2 / (size / dims[0]!));
    initializers[name] = {
      type: 'float32',
      dims,
      data: Float32Array.from({ length: size }, (_, i) => scale * Math.sin(i * i + 1)),
    };
    return name;
  };
  const nodes = [
    makeNode('Conv', {
      inputs: ['image', weights('stem', [256, 3, 8, 8])],
      outputs: ['x0'],
      attributes: { kernel_shape: [8n, 8n], strides: [8n, 8n] },
    }),
  ];
  for (let i = 0; i < 8; i++)
    nodes.push(
      makeNode('Conv', {
        inputs: [`x${i}`, weights(`w${i}`, [256, 256, 3, 3])],
        outputs: [`c${i}`],
        attributes: { kernel_shape: [3n, 3n], pads: [1n, 1n, 1n, 1n] },
      }),
      makeNode('Relu', { inputs: [`c${i}`], outputs: [`x${i + 1}`] }),
    );
  nodes.push(
    makeNode('GlobalAveragePool', { inputs: ['x8'], outputs: ['pooled'] }),
    makeNode('Flatten', { inputs: ['pooled'], outputs: ['features'] }),
    makeNode('Gemm', {
      inputs: ['features', weights('W', [1000, 256]), weights('b', [1000])],
      outputs: ['logits'],
      attributes: { transB: 1n },
    }),
  );
  const graph = makeGraph('heavy', {
    inputs: [{ name: 'image', type: 'float32', dims: ['batch', 3, 224, 224] }],
    outputs: [{ name: 'logits', type: 'float32', dims: ['batch', 1000] }],
    nodes,
    initializers,
  });
  return encodeModel(makeModel(graph, { opset: 17 }));
}
