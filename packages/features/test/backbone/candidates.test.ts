import { decodeModel, graphOf, inferShapes, type ModelProto } from '@ood/onnx';
import { expect, it } from 'vitest';
import { layerCandidates } from '../../src/backbone/candidates.ts';
import { openBackbone } from '../../src/index.ts';
import { body, image, modelOf, node, random, trunk } from './models.ts';

const candidatesOf = (model: ModelProto) => layerCandidates(model, inferShapes(model));

/** A classifier as exporters of scikit-learn write it: its last output is a map from class to probability for each row. */
const mapped = (opType: string): ModelProto => {
  const model = decodeModel(
    modelOf({
      nodes: [
        ...body.nodes,
        node('Gemm', ['f', 'W'], ['z'], { transB: 1n }),
        node('Softmax', ['z'], ['p']),
        node(opType, ['p'], ['maps']),
      ],
      initializers: { ...body.initializers, W: random([7, 5], 3) },
      outputs: ['p', 'maps'],
    }),
  );
  const [, maps] = graphOf(model).output;
  const value = {
    case: 'sequenceType',
    value: { elemType: { value: { case: 'mapType', value: { keyType: 7 } } } },
  };
  Object.assign(maps!, { type: { denotation: '', value } });
  return model;
};

// By its type, too: other operators may make maps.
it.each(['ZipMap', 'SomeMap'])('never offers a sequence of maps as layer: %s', opType => {
  const tensors = candidatesOf(mapped(opType)).map(({ tensor }) => tensor);
  expect(tensors).toEqual(['z', 'f', 'h']);
});

it('gives the shapes of layers for the sizes that the free dimensions have', async () => {
  const bytes = modelOf({
    inputs: [{ ...image, dims: ['batch', 3, 'height', null] }],
    nodes: [...trunk.nodes, node('MaxPool', ['m'], ['y'], { kernel_shape: [2n, 2n], strides: [2n, 2n] })],
    initializers: trunk.initializers,
    outputs: [{ name: 'y', type: 'float32', dims: ['batch', 4, null, null] }],
  });
  const backbone = await openBackbone(bytes, {
    head: 'none',
    freeDimensions: { height: 10, 'image:3': 6 },
  });
  const shapes = backbone.describe().candidates.map(({ tensor, dims }) => [tensor, dims]);
  await backbone.close();
  expect(shapes).toEqual([
    ['y', ['batch', 4, 5, 3]],
    ['m', ['batch', 4, 10, 6]],
    ['c', ['batch', 4, 10, 6]],
  ]);
});
