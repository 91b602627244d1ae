import {
  appendNodes,
  cutModel,
  graphOf,
  indexGraph,
  inferShapes,
  makeAttribute,
  makeNode,
  prependNodes,
  readTensor,
  renameTensors,
  type Tensor,
  writeTensor,
} from '@ood/onnx';
import { describe, expect, it } from 'vitest';
import { floats, integers, linearModel, modelOf, node, random, run, x } from './models.ts';

const chain = modelOf({
  nodes: [
    node('MatMul', ['x', 'W'], ['h']),
    node('Relu', ['h'], ['f']),
    node('MatMul', ['f', 'V'], ['z']),
    node('Softmax', ['z'], ['y']),
  ],
  initializers: { W: random([2, 4], 2), V: random([4, 3], 3) },
});
const input = random([5, 2], 4);

describe('cutting a model', () => {
  it('at a tensor inside leaves what leads to it, and nothing else', async () => {
    const cut = cutModel(chain, { outputs: ['f'] });
    expect(graphOf(cut).node.map(item => item.opType)).toEqual(['MatMul', 'Relu']);
    expect(graphOf(cut).initializer.map(tensor => tensor.name)).toEqual(['W']);
    const both = await run(cutModel(chain, { outputs: ['f', 'y'] }), { x: input });
    expect((await run(cut, { x: input })).f).toEqual(both.f);
    expect(both.y).toEqual((await run(chain, { x: input })).y);
  });

  it('below a tensor makes it an input', async () => {
    const { f } = await run(cutModel(chain, { outputs: ['f'] }), { x: input });
    const tail = cutModel(chain, { inputs: ['f'], outputs: ['y'] });
    expect(graphOf(tail).input.map(info => info.name)).toEqual(['f']);
    expect(await run(tail, { f: f! })).toEqual(await run(chain, { x: input }));
  });

  it('keeps what the branches of If capture', async () => {
    const inner = (op: string, tensor: string) =>
      graphOf(modelOf({ inputs: [], nodes: [node(op, [tensor], ['t'])], outputs: ['t'] }));
    const model = modelOf({
      inputs: [x, { name: 'c', type: 'bool', dims: [] }],
      nodes: [
        node('Abs', ['x'], ['a']),
        node('Neg', ['x'], ['unused']),
        node('If', ['c'], ['i'], { then_branch: inner('Sqrt', 'a'), else_branch: inner('Exp', 'a') }),
        node('Neg', ['i'], ['y']),
      ],
    });
    const cut = cutModel(model, { outputs: ['i'] });
    expect(graphOf(cut).node.map(item => item.opType)).toEqual(['Abs', 'If']);
    const c: Tensor = { type: 'bool', dims: [], data: Uint8Array.of(1) };
    expect((await run(cut, { x: floats([1, 2], [4, -9]), c })).i!.data).toEqual(Float32Array.of(2, 3));
  });

  it('names tensors that look like one that is not there', () => {
    const model = modelOf({
      nodes: [node('Abs', ['x'], ['encoder/pooled']), node('Neg', ['encoder/pooled'], ['y'])],
    });
    expect(() => cutModel(model, { outputs: ['pooled'] })).toThrow(
      expect.objectContaining({
        code: 'UNKNOWN_TENSOR',
        message: expect.stringContaining('"encoder/pooled"'),
      }),
    );
  });

  it('leaves the model given as it was', () => {
    const copy = structuredClone(chain);
    cutModel(chain, { outputs: ['f'] });
    expect(chain).toEqual(copy);
  });
});

describe('adding nodes', () => {
  const top = {
    nodes: [node('ArgMax', ['y', ''].slice(0, 1), ['class'], { axis: 1n, keepdims: 0n })],
    outputs: [{ name: 'class', type: 'int64' as const, dims: ['batch'] }],
  };

  it('behind a model keeps its outputs, or replaces them', async () => {
    const both = await run(appendNodes(chain, top), { x: input });
    expect(Object.keys(both)).toEqual(['y', 'class']);
    const only = await run(appendNodes(chain, { ...top, keepOutputs: false }), { x: input });
    expect(only).toEqual({ class: both.class });
  });

  it('in front of a model computes its input from another, also of the same name', async () => {
    const extended = prependNodes(linearModel(), {
      input: 'x',
      from: 'scaled',
      nodes: [node('Cast', ['x'], ['real'], { to: 1n }), node('Mul', ['real', 'factor'], ['scaled'])],
      initializers: { factor: floats([], [0.5]) },
      inputs: [{ name: 'x', type: 'uint8', dims: ['batch', 2] }],
    });
    const { y } = await run(extended, { x: { type: 'uint8', dims: [1, 2], data: Uint8Array.of(2, 4) } });
    expect(y).toEqual((await run(linearModel(), { x: floats([1, 2], [1, 2]) })).y);
  });

  it.each<[string, () => unknown, string]>([
    [
      'a name that is taken',
      () => appendNodes(chain, { nodes: [node('Neg', ['y'], ['h'])], outputs: [] }),
      'INVALID_OPTION',
    ],
    [
      'an initializer whose name is taken',
      () => appendNodes(chain, { nodes: [], initializers: { W: floats([], [1]) }, outputs: [] }),
      'INVALID_OPTION',
    ],
    [
      'an input nobody makes',
      () => appendNodes(chain, { nodes: [node('Neg', ['q'], ['r'])], outputs: [] }),
      'UNKNOWN_TENSOR',
    ],
    ['an output nobody makes', () => appendNodes(chain, { ...top, nodes: [] }), 'UNKNOWN_TENSOR'],
    [
      'an input that the model does not have',
      () => prependNodes(chain, { input: 'q', from: 'q', nodes: [], inputs: [] }),
      'UNKNOWN_TENSOR',
    ],
    [
      'a replacement nobody makes',
      () => prependNodes(chain, { input: 'x', from: 'q', nodes: [], inputs: [x] }),
      'UNKNOWN_TENSOR',
    ],
    [
      'a new input with the name of a tensor',
      () =>
        prependNodes(chain, {
          input: 'x',
          from: 'q',
          nodes: [node('Neg', ['h'], ['q'])],
          inputs: [{ ...x, name: 'h' }],
        }),
      'INVALID_OPTION',
    ],
    [
      'a node in front that reads a tensor behind it',
      () => prependNodes(chain, { input: 'x', from: 'q', nodes: [node('Neg', ['z'], ['q'])], inputs: [x] }),
      'UNKNOWN_TENSOR',
    ],
    ['a mixed list as attribute', () => makeAttribute('list', [1, 2n] as never), 'INVALID_OPTION'],
    ['data that do not fit their shape', () => writeTensor('t', floats([3], [1, 2])), 'INVALID_OPTION'],
    [
      'stored data that do not fit their shape',
      () => readTensor({ ...writeTensor('t', floats([2], [1, 2])), dims: [3n] }),
      'INVALID_GRAPH',
    ],
    [
      'half an element',
      () => readTensor({ ...writeTensor('t', floats([2], [1, 2])), rawData: new Uint8Array(7) }),
      'INVALID_GRAPH',
    ],
    [
      'an element type without array',
      () => readTensor({ ...writeTensor('t', floats([2], [1, 2])), dataType: 16 }),
      'UNSUPPORTED_TYPE',
    ],
  ])('refuses %s', (_, act, code) => {
    expect(act).toThrow(expect.objectContaining({ code }));
  });
});

describe('inferred shapes are those that the engine finds', () => {
  const image = { name: 'x', type: 'float32' as const, dims: [2, 3, 8, 9] };
  const ints = (...values: number[]): Tensor => integers(values);
  const cases: readonly (readonly [string, Parameters<typeof modelOf>[0]])[] = [
    [
      'Conv',
      {
        nodes: [
          node('Conv', ['x', 'K'], ['y'], { strides: [2n, 1n], pads: [1n, 0n, 1n, 2n], dilations: [1n, 2n] }),
        ],
        initializers: { K: random([5, 3, 3, 3]) },
      },
    ],
    [
      'Conv in groups, padded to the same size',
      {
        nodes: [node('Conv', ['x', 'K'], ['y'], { group: 3n, auto_pad: 'SAME_UPPER', strides: [2n, 2n] })],
        initializers: { K: random([6, 1, 3, 3]) },
      },
    ],
    [
      'MaxPool with ceil',
      {
        nodes: [node('MaxPool', ['x'], ['y'], { kernel_shape: [3n, 3n], strides: [2n, 2n], ceil_mode: 1n })],
      },
    ],
    [
      'AveragePool',
      { nodes: [node('AveragePool', ['x'], ['y'], { kernel_shape: [2n, 3n], auto_pad: 'VALID' })] },
    ],
    [
      'GlobalAveragePool and Flatten',
      { nodes: [node('GlobalAveragePool', ['x'], ['g']), node('Flatten', ['g'], ['y'])] },
    ],
    ['Flatten at another axis', { nodes: [node('Flatten', ['x'], ['y'], { axis: -1n })] }],
    ['Reshape', { nodes: [node('Reshape', ['x', 's'], ['y'])], initializers: { s: ints(0, -1, 4) } }],
    ['Transpose', { nodes: [node('Transpose', ['x'], ['y'], { perm: [0n, 2n, 3n, 1n] })] }],
    [
      'Squeeze and Unsqueeze',
      {
        nodes: [node('Unsqueeze', ['x', 'a'], ['u']), node('Squeeze', ['u', 'b'], ['y'])],
        initializers: { a: ints(0, -1), b: ints(0) },
      },
    ],
    ['Concat', { nodes: [node('Concat', ['x', 'x'], ['y'], { axis: -2n })] }],
    [
      'Split',
      { nodes: [node('Split', ['x', 's'], ['a', 'y'], { axis: 3n })], initializers: { s: ints(4, 5) } },
    ],
    [
      'Slice backwards',
      {
        nodes: [node('Slice', ['x', 'b', 'e', 'a', 'p'], ['y'])],
        initializers: { b: ints(-1, 0), e: ints(-9, 7), a: ints(2, 3), p: ints(-2, 3) },
      },
    ],
    [
      'Gather',
      { nodes: [node('Gather', ['x', 'i'], ['y'], { axis: 1n })], initializers: { i: ints(0, 2, 1, 1) } },
    ],
    ['Pad', { nodes: [node('Pad', ['x', 'p'], ['y'])], initializers: { p: ints(0, 1, 0, 2, 0, 0, 3, 0) } }],
    [
      'Expand',
      {
        nodes: [node('Slice', ['x', 'z', 'o', 'z'], ['c']), node('Expand', ['c', 's'], ['y'])],
        initializers: { z: ints(0), o: ints(1), s: ints(7, 1, 1, 1) },
      },
    ],
    ['ReduceMean', { nodes: [node('ReduceMean', ['x'], ['y'], { axes: [1n, -1n], keepdims: 0n })] }],
    ['ReduceSum', { nodes: [node('ReduceSum', ['x', 'a'], ['y'])], initializers: { a: ints(2) } }],
    [
      'ArgMax',
      { nodes: [node('ArgMax', ['x'], ['i'], { axis: 2n }), node('Cast', ['i'], ['y'], { to: 1n })] },
    ],
    ['TopK', { nodes: [node('TopK', ['x', 'k'], ['y', 'i'])], initializers: { k: ints(3) } }],
    [
      'MatMul of stacks',
      { nodes: [node('MatMul', ['x', 'M'], ['y'])], initializers: { M: random([1, 9, 4]) } },
    ],
    [
      'MatMul with a vector',
      { nodes: [node('MatMul', ['x', 'M'], ['y'])], initializers: { M: random([9]) } },
    ],
    [
      'Add by broadcasting',
      { nodes: [node('Add', ['x', 'b'], ['y'])], initializers: { b: random([3, 1, 1]) } },
    ],
    [
      'Where',
      {
        nodes: [node('Greater', ['x', 'z'], ['c']), node('Where', ['c', 'x', 'z'], ['y'])],
        initializers: { z: floats([1], [0]) },
      },
    ],
    [
      'a shape computed by nodes',
      {
        nodes: [
          node('Shape', ['x'], ['s']),
          node('Gather', ['s', 'zero'], ['n']),
          node('Unsqueeze', ['n', 'axis'], ['m']),
          node('Concat', ['m', 'rest'], ['t'], { axis: 0n }),
          node('Reshape', ['x', 't'], ['y']),
        ],
        initializers: {
          zero: { type: 'int64', dims: [], data: BigInt64Array.of(0n) },
          axis: ints(0),
          rest: ints(-1),
        },
      },
    ],
  ];

  it.each(cases)('%s', async (_, parts) => {
    const model = modelOf({ inputs: [image], ...parts });
    const { tensors, problems } = inferShapes(model);
    const { y } = await run(model, { x: random([2, 3, 8, 9]) });
    expect(problems).toEqual([]);
    expect(tensors.get('y')).toMatchObject({ type: 1, dims: y!.dims });
  });

  it('keep the names of free dimensions', () => {
    const free = { name: 'x', type: 'float32' as const, dims: ['batch', 3, 'h', 'w'] };
    const model = modelOf({
      inputs: [free],
      nodes: [
        node('Relu', ['x'], ['a']),
        node('GlobalAveragePool', ['a'], ['b']),
        node('Reshape', ['b', 's'], ['y']),
      ],
      initializers: { s: ints(0, 3) },
    });
    const { tensors } = inferShapes(model);
    expect(tensors.get('a')?.dims).toEqual(['batch', 3, 'h', 'w']);
    expect(tensors.get('y')?.dims).toEqual(['batch', 3]);
  });

  it('stay unknown behind an operator of another domain', () => {
    const magic = makeNode('Magic', { inputs: ['x'], outputs: ['h'], domain: 'own' });
    const { tensors } = inferShapes(
      modelOf({ opsets: { own: 1 }, nodes: [magic, node('Neg', ['h'], ['y'])] }),
    );
    expect(tensors.get('h')?.dims).toBeUndefined();
  });
});

describe('an index of a graph', () => {
  it('tells who makes and who reads a tensor, and what constants hold', () => {
    const model = modelOf({
      nodes: [
        node('Constant', [], ['k'], { value_floats: [1, 2] }),
        node('Identity', ['k'], ['i']),
        node('Add', ['x', 'i'], ['y']),
      ],
    });
    const index = indexGraph(graphOf(model));
    expect(index.producer('y')?.opType).toBe('Add');
    expect(index.consumers('k').map(item => item.opType)).toEqual(['Identity']);
    expect(index.constant('i')).toEqual(floats([2], [1, 2]));
    expect([index.isInput('x'), index.isOutput('y'), index.isInput('y')]).toEqual([true, true, false]);
  });

  it('survives renaming', () => {
    const renamed = renameTensors(graphOf(chain), name => `${name}!`);
    expect(indexGraph(renamed).producer('y!')?.opType).toBe('Softmax');
  });
});
