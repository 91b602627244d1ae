import { create } from '@bufbuild/protobuf';
import {
  dataTypeCode,
  decodeModel,
  encodeModel,
  type FunctionProto,
  FunctionProtoSchema,
  type GraphProto,
  graphOf,
  type ModelProto,
  makeValueInfo,
  SparseTensorProtoSchema,
  type Tensor,
  type TensorProto,
  TensorProtoSchema,
  writeTensor,
} from '@ood/onnx';
import { floats, integers, type ModelParts, modelOf, node, random, x } from './models.ts';

export interface OddModel {
  readonly name: string;
  readonly model: ModelProto;
  readonly feeds: Readonly<Record<string, Tensor>>;
  /** Its first output on these feeds. */
  readonly expected: readonly number[];
}

const feeds = { x: floats([2, 2], [1, -2, 3, -4]) };

function inGraph(model: ModelProto, change: (graph: GraphProto) => Partial<GraphProto>): ModelProto {
  const graph = graphOf(model);
  return { ...model, graph: { ...graph, ...change(graph) } };
}

function branch(parts: ModelParts): GraphProto {
  return graphOf(modelOf({ inputs: [], ...parts }));
}

/** A Loop that adds x three times to itself, with a captured tensor and a condition carried along. */
function loop(): ModelProto {
  const body = graphOf(
    modelOf({
      inputs: [
        { name: 'i', type: 'int64', dims: [] },
        { name: 'go', type: 'bool', dims: [] },
        { name: 'sum', type: 'float32', dims: [null, null] },
      ],
      nodes: [node('Identity', ['go'], ['go_on']), node('Add', ['sum', 'x'], ['next'])],
      outputs: [{ name: 'go_on', type: 'bool', dims: [] }, 'next'],
    }),
  );
  return modelOf({
    nodes: [node('Loop', ['n', 'yes', 'x'], ['y'], { body })],
    initializers: {
      n: { type: 'int64', dims: [], data: BigInt64Array.of(3n) },
      yes: { type: 'bool', dims: [], data: Uint8Array.of(1) },
    },
  });
}

function conditional(): ModelProto {
  return modelOf({
    nodes: [
      node('ReduceSum', ['x'], ['s'], { keepdims: 0n }),
      node('Less', ['s', 'zero'], ['c']),
      node('If', ['c'], ['y'], {
        then_branch: branch({
          nodes: [node('Mul', ['x', 'k'], ['t'])],
          initializers: { k: floats([], [10]) },
          outputs: ['t'],
        }),
        else_branch: branch({ nodes: [node('Neg', ['x'], ['e'])], outputs: ['e'] }),
      }),
    ],
    initializers: { zero: floats([], [0]) },
  });
}

/** Sums tensors whose data are in every field that the format has, instead of raw bytes. */
function dataFields(): ModelProto {
  const fields: Record<string, Partial<TensorProto>> = {
    float32: { floatData: [1, 2] },
    float64: { doubleData: [10, 20] },
    float16: { int32Data: [0x3c00, 0x4000] },
    int8: { int32Data: [-1, -2] },
    uint8: { int32Data: [200, 255] },
    int16: { int32Data: [-300, 300] },
    uint16: { int32Data: [60000, 1] },
    int32: { int32Data: [-(2 ** 31), 5] },
    bool: { int32Data: [1, 0] },
    int64: { int64Data: [7n, -8n] },
    uint32: { uint64Data: [9n, 10n] },
    uint64: { uint64Data: [11n, 12n] },
  };
  const names = Object.keys(fields);
  const model = modelOf({
    nodes: [
      ...names.map(name => node('Cast', [name], [`${name}_float`], { to: 1n })),
      node('Sum', ['x', ...names.map(name => `${name}_float`)], ['y']),
    ],
  });
  return inGraph(model, () => ({
    initializer: names.map(name => {
      return Object.assign(
        create(TensorProtoSchema, { name, dims: [2n], dataType: dataTypeCode(name as Tensor['type']) }),
        fields[name],
      );
    }),
  }));
}

function sparse(): ModelProto {
  const model = modelOf({ nodes: [node('MatMul', ['x', 'S'], ['y'])] });
  return inGraph(model, () => ({
    sparseInitializer: [
      create(SparseTensorProtoSchema, {
        dims: [2n, 3n],
        values: writeTensor('S', floats([2], [5, 7])),
        indices: writeTensor('', integers([1, 5])),
      }),
    ],
  }));
}

function localFunction(): ModelProto {
  const body = graphOf(
    modelOf({
      nodes: [node('LeakyRelu', ['a'], ['l']), node('Add', ['l', 'a'], ['r'])],
    }),
  ).node;
  body[0]!.attribute = [{ ...node('LeakyRelu', [], [], { alpha: 0 }).attribute[0]!, refAttrName: 'slope' }];
  const definition: FunctionProto = create(FunctionProtoSchema, {
    name: 'Leak',
    domain: 'my.own',
    input: ['a'],
    output: ['r'],
    attribute: ['slope'],
    node: body,
    opsetImport: [{ domain: '', version: 17n }],
  });
  const call = { ...node('Leak', ['x'], ['y'], { slope: 0.5 }), domain: 'my.own' };
  return { ...modelOf({ nodes: [call], opsets: { 'my.own': 1 } }), functions: [definition] };
}

/** Initializers also listed as inputs, as all files did before 2019. */
function listedInitializers(): ModelProto {
  const model = modelOf({
    irVersion: 3,
    opset: 8,
    nodes: [node('Mul', ['x', 'k'], ['y'])],
    initializers: { k: floats([2], [2, 3]) },
  });
  return inGraph(model, graph => ({
    input: [...graph.input, makeValueInfo({ name: 'k', type: 'float32', dims: [2] })],
  }));
}

function annotated(): ModelProto {
  const plain = modelOf({
    nodes: [node('Abs', ['x'], ['y'])],
    metadata: { license: 'none', ключ: '値' },
    producer: 'somebody',
  });
  const bytes = encodeModel({
    ...plain,
    docString: 'Ein Modell\nmit Notizen',
    domain: 'org.example',
    modelVersion: 2n ** 60n,
  });
  // Field 4000, length-delimited, "new".
  return decodeModel(Uint8Array.of(...bytes, 0x82, 0xfa, 0x01, 3, 0x6e, 0x65, 0x77));
}

const strange = ['/layer 1/x:0', 'Größe', "it's"];

/** Models that are valid but unusual, with what they compute. */
export const oddModels: readonly OddModel[] = [
  {
    name: 'If with captured tensors and own constants',
    model: conditional(),
    feeds,
    expected: [10, -20, 30, -40],
  },
  { name: 'Loop with carried and captured tensors', model: loop(), feeds, expected: [4, -8, 12, -16] },
  {
    name: 'inputs left out',
    model: modelOf({
      nodes: [node('Clip', ['x', '', 'max'], ['y'])],
      initializers: { max: floats([], [2]) },
    }),
    feeds,
    expected: [1, -2, 2, -4],
  },
  {
    name: 'outputs left out',
    model: modelOf({ nodes: [node('Dropout', ['x'], ['y', ''])] }),
    feeds,
    expected: [1, -2, 3, -4],
  },
  {
    name: 'unused initializers',
    model: modelOf({ nodes: [node('Abs', ['x'], ['y'])], initializers: { unused: random([3, 3]) } }),
    feeds,
    expected: [1, 2, 3, 4],
  },
  { name: 'initializers listed as inputs', model: listedInitializers(), feeds, expected: [2, -6, 6, -12] },
  { name: 'a sparse initializer', model: sparse(), feeds, expected: [0, 5, -14, 0, 15, -28] },
  {
    name: 'data in every field of the format',
    model: dataFields(),
    feeds: { x: floats([1, 2], [0, 0]) },
    expected: [Math.fround(1 + 10 + 1 - 1 + 200 - 300 + 60000 - 2 ** 31 + 1 + 7 + 9 + 11), 597],
  },
  { name: 'a function of its own', model: localFunction(), feeds, expected: [2, -3, 6, -6] },
  { name: 'notes, metadata and a field from the future', model: annotated(), feeds, expected: [1, 2, 3, 4] },
  {
    name: 'names with spaces, slashes and letters of other alphabets',
    model: modelOf({
      inputs: [{ ...x, name: strange[0]! }],
      nodes: [node('Neg', [strange[0]!], [strange[1]!]), node('Abs', [strange[1]!], [strange[2]!])],
      outputs: [strange[2]!],
    }),
    feeds: { [strange[0]!]: feeds.x },
    expected: [1, 2, 3, 4],
  },
  {
    name: 'tensors without elements, and numbers that are none',
    model: modelOf({
      nodes: [node('Concat', ['x', 'none'], ['c'], { axis: 0n }), node('Where', ['yes', 'c', 'nan'], ['y'])],
      initializers: {
        none: floats([0, 2], []),
        yes: { type: 'bool', dims: [], data: Uint8Array.of(1) },
        nan: floats([2], [Number.NaN, Number.NEGATIVE_INFINITY]),
      },
    }),
    feeds,
    expected: [1, -2, 3, -4],
  },
  {
    name: 'sequences between nodes',
    model: modelOf({
      nodes: [node('SequenceConstruct', ['x', 'x'], ['s']), node('SequenceAt', ['s', 'i'], ['y'])],
      initializers: { i: { type: 'int64', dims: [], data: BigInt64Array.of(1n) } },
    }),
    feeds,
    expected: [1, -2, 3, -4],
  },
  {
    name: 'constants in attributes',
    model: modelOf({
      nodes: [
        node('Constant', [], ['k'], { value: random([300, 2], 2) }),
        node('ReduceSum', ['k', 'a'], ['s']),
        node('Mul', ['s', 'zero'], ['z']),
        node('Add', ['x', 'z'], ['y']),
      ],
      initializers: { a: integers([0]), zero: floats([], [0]) },
    }),
    feeds,
    expected: [1, -2, 3, -4],
  },
];
