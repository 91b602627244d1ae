import { encodeModel, makeGraph, makeModel, makeNode, type Tensor } from '@ood/onnx';
import { classCount, convolutions, featureDim, lastSide, type Parameters } from './network.ts';

/** The network as an ONNX model: `image` `[batch, 1, 28, 28]` → `logits` `[batch, 10]`, by Conv, Relu, AveragePool, Gemm. */
export function exportModel(parameters: Parameters, metadata: Record<string, string>): Uint8Array {
  const initializers: Record<string, Tensor> = {};
  const add = (name: string, dims: readonly number[], data: Float32Array) => {
    initializers[name] = { type: 'float32', dims, data };
    return name;
  };
  const nodes = convolutions.flatMap(({ name, kernel, input, output, pool }, i) => {
    const weight = parameters[`${name}.weight`]!;
    const from = i === 0 ? 'image' : `${convolutions[i - 1]!.name}.out`;
    const inputs = [
      from,
      add(
        `${name}.weight`,
        [output, input, kernel, kernel],
        channelsFirst(weight, kernel * kernel, input, output),
      ),
      add(`${name}.bias`, [output], parameters[`${name}.bias`]!),
    ];
    const attributes = { kernel_shape: [BigInt(kernel), BigInt(kernel)] };
    const relu = pool ? `${name}.relu` : `${name}.out`;
    return [
      makeNode('Conv', { name, inputs, outputs: [`${name}.sum`], attributes }),
      makeNode('Relu', { inputs: [`${name}.sum`], outputs: [relu] }),
      ...(pool
        ? [
            makeNode('AveragePool', {
              inputs: [relu],
              outputs: [`${name}.out`],
              attributes: { kernel_shape: [2n, 2n], strides: [2n, 2n] },
            }),
          ]
        : []),
    ];
  });
  const last = convolutions.at(-1)!;
  const gemm = (name: string, from: string, to: string, weight: Float32Array, dims: readonly number[]) =>
    makeNode('Gemm', {
      name,
      inputs: [
        from,
        add(`${name}.weight`, dims, weight),
        add(`${name}.bias`, [dims[0]!], parameters[`${name}.bias`]!),
      ],
      outputs: [to],
      attributes: { transB: 1n },
    });
  const flat = channelsFirst(parameters['features.weight']!, lastSide * lastSide, last.output, featureDim);
  const head = channelsFirst(parameters['logits.weight']!, 1, featureDim, classCount);
  nodes.push(
    makeNode('Flatten', { inputs: [`${last.name}.out`], outputs: ['flat'], attributes: { axis: 1n } }),
    gemm('features', 'flat', 'features.sum', flat, [featureDim, lastSide * lastSide * last.output]),
    makeNode('Relu', { inputs: ['features.sum'], outputs: ['features'] }),
    gemm('logits', 'features', 'logits', head, [classCount, featureDim]),
  );
  const graph = makeGraph('glyphs', {
    inputs: [{ name: 'image', type: 'float32', dims: ['batch', 1, 28, 28] }],
    outputs: [{ name: 'logits', type: 'float32', dims: ['batch', classCount] }],
    nodes,
    initializers,
  });
  return encodeModel(makeModel(graph, { opset: 17, producer: 'ood glyphs-backbone', metadata }));
}

/** `[positions * channels, outputs]` → `[outputs, channels, positions]`. */
function channelsFirst(
  weight: Float32Array,
  positions: number,
  channels: number,
  outputs: number,
): Float32Array {
  const out = new Float32Array(weight.length);
  for (let p = 0; p < positions; p++) {
    for (let c = 0; c < channels; c++) {
      for (let o = 0; o < outputs; o++)
        out[(o * channels + c) * positions + p] = weight[(p * channels + c) * outputs + o]!;
    }
  }
  return out;
}
