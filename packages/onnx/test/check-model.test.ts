import { encodeModel, graphOf, type ModelProto, makeNode } from '@ood/onnx';
import { checkModel, requireValid } from '@ood/onnx/check';
import { nodeRuntime } from '@ood/onnx/node';
import { describe, expect, it } from 'vitest';
import { floats, integers, linearModel, modelOf, node, random, x } from './models.ts';

const changed = (change: (graph: ReturnType<typeof graphOf>) => object): ModelProto => {
  const model = linearModel();
  return { ...model, graph: { ...graphOf(model), ...change(graphOf(model)) } };
};
const gemm = graphOf(linearModel()).node[0]!;
const wide = { name: 'w', type: 'float32' as const, dims: ['batch', 5] };

/** Broken models: the problem's code, and what its text must point at. */
const table: readonly (readonly [string, ModelProto, string, RegExp])[] = [
  [
    'an input nobody makes',
    changed(() => ({ node: [{ ...gemm, input: ['x', 'V', 'b'] }] })),
    'UNKNOWN_INPUT',
    /Gemm node "head".*input 1 "V"/,
  ],
  [
    'nodes out of order',
    modelOf({
      nodes: [node('Neg', ['h'], ['y']), makeNode('Abs', { inputs: ['x'], outputs: ['h'], name: 'late' })],
    }),
    'WRONG_ORDER',
    /Neg node that makes "y".*Abs node "late" comes first/,
  ],
  [
    'a cycle',
    modelOf({ nodes: [node('Add', ['x', 'y'], ['h']), node('Neg', ['h'], ['y'])] }),
    'WRONG_ORDER',
    /"y"/,
  ],
  [
    'a tensor made twice',
    modelOf({ nodes: [node('Neg', ['x'], ['y']), node('Abs', ['x'], ['y'])] }),
    'DUPLICATE_NAME',
    /Abs node that makes "y"/,
  ],
  [
    'a node that overwrites an input',
    modelOf({ nodes: [node('Neg', ['x'], ['x'])], outputs: ['x'] }),
    'DUPLICATE_NAME',
    /Neg/,
  ],
  [
    'an initializer twice',
    changed(graph => ({ initializer: [...graph.initializer, graph.initializer[0]] })),
    'DUPLICATE_NAME',
    /initializer "W"/,
  ],
  [
    'an input without a name',
    changed(graph => ({ input: [...graph.input, { ...graph.input[0], name: '' }] })),
    'EMPTY_NAME',
    /graph input/,
  ],
  ['an output nobody makes', modelOf({ nodes: [node('Neg', ['x'], ['h'])] }), 'MISSING_OUTPUT', /output "y"/],
  [
    'an output twice',
    changed(graph => ({ output: [...graph.output, ...graph.output] })),
    'DUPLICATE_NAME',
    /output "y"/,
  ],
  [
    'an unknown operator',
    modelOf({ nodes: [node('Relux', ['x'], ['y'])] }),
    'UNKNOWN_OPERATOR',
    /opset 17, got Relux/,
  ],
  [
    'an operator of a later opset',
    modelOf({ opset: 17, nodes: [node('Gelu', ['x'], ['y'])] }),
    'UNKNOWN_OPERATOR',
    /Gelu/,
  ],
  [
    'an operator that was removed',
    modelOf({
      opset: 13,
      nodes: [node('Upsample', ['x', 's'], ['y'])],
      initializers: { s: floats([2], [1, 1]) },
    }),
    'UNKNOWN_OPERATOR',
    /removed/,
  ],
  [
    'an operator set that is not imported',
    modelOf({ nodes: [{ ...node('Magic', ['x'], ['y']), domain: 'own' }] }),
    'NO_OPSET',
    /own\.Magic/,
  ],
  ['no operator set', { ...linearModel(), opsetImport: [] }, 'NO_OPSET', /model/],
  ['too few inputs', modelOf({ nodes: [node('MatMul', ['x'], ['y'])] }), 'WRONG_ARITY', /2 inputs, got 1/],
  [
    'too many inputs',
    modelOf({ nodes: [node('Relu', ['x', 'x'], ['y'])] }),
    'WRONG_ARITY',
    /1 inputs, got 2/,
  ],
  [
    'an unknown attribute',
    modelOf({ nodes: [node('Relu', ['x'], ['y'], { alpha: 0.1 })] }),
    'WRONG_ATTRIBUTE',
    /no attributes, got "alpha"/,
  ],
  [
    'a float for a whole number',
    modelOf({ nodes: [node('Softmax', ['x'], ['y'], { axis: 1 })] }),
    'WRONG_ATTRIBUTE',
    /attribute "axis" as INT, got FLOAT/,
  ],
  [
    'a missing attribute',
    modelOf({ nodes: [node('Cast', ['x'], ['y'])] }),
    'WRONG_ATTRIBUTE',
    /attribute "to", got none/,
  ],
  [
    'too little data',
    changed(graph => ({ initializer: [{ ...graph.initializer[0], dims: [2n, 4n] }, graph.initializer[1]] })),
    'BAD_TENSOR',
    /tensor "W": .*32 bytes.*24/,
  ],
  [
    'a tensor without type',
    changed(graph => ({ initializer: [{ ...graph.initializer[0], dataType: 0 }, graph.initializer[1]] })),
    'BAD_TENSOR',
    /"W"/,
  ],
  [
    'inputs of two types',
    modelOf({ nodes: [node('Add', ['x', 'i'], ['y'])], initializers: { i: integers([1, 2]) } }),
    'TYPE_MISMATCH',
    /Add.*x: float32, i: int64/,
  ],
  [
    'another type than declared',
    modelOf({ nodes: [node('Cast', ['x'], ['y'], { to: 7n })] }),
    'TYPE_MISMATCH',
    /output "y".*float32 as declared, got int64/,
  ],
  [
    'another shape than declared',
    changed(graph => ({ output: [{ ...wideOutput(), name: graph.output[0]!.name }] })),
    'SHAPE_MISMATCH',
    /output "y".*\[batch, 5\] as declared, got \[batch, 3\]/,
  ],
  [
    'matrices that do not fit',
    modelOf({ nodes: [node('MatMul', ['x', 'M'], ['y'])], initializers: { M: random([3, 4]) } }),
    'SHAPE_MISMATCH',
    /MatMul.*inner sizes.*\[batch, 2\] and \[3, 4\]/,
  ],
  [
    'shapes that do not broadcast',
    modelOf({ inputs: [x, wide], nodes: [node('Add', ['x', 'w'], ['y'])] }),
    'SHAPE_MISMATCH',
    /broadcast/,
  ],
  [
    'a kernel for other channels',
    modelOf({
      inputs: [{ name: 'x', type: 'float32', dims: ['n', 3, 8, 8] }],
      nodes: [node('Conv', ['x', 'K'], ['y'])],
      initializers: { K: random([4, 1, 3, 3]) },
    }),
    'SHAPE_MISMATCH',
    /1 channels.*\[n, 3, 8, 8\]/,
  ],
  [
    'elements that do not add up',
    modelOf({
      inputs: [{ name: 'x', type: 'float32', dims: [4, 3] }],
      nodes: [node('Reshape', ['x', 's'], ['y'])],
      initializers: { s: integers([5, 2]) },
    }),
    'SHAPE_MISMATCH',
    /12 elements/,
  ],
  [
    'something wrong inside a branch',
    modelOf({
      inputs: [x, { name: 'c', type: 'bool', dims: [] }],
      nodes: [
        node('If', ['c'], ['y'], {
          then_branch: graphOf(modelOf({ inputs: [], nodes: [node('Neg', ['q'], ['t'])], outputs: ['t'] })),
          else_branch: graphOf(modelOf({ inputs: [], nodes: [node('Neg', ['x'], ['e'])], outputs: ['e'] })),
        }),
      ],
    }),
    'UNKNOWN_INPUT',
    /If.*subgraph.*Neg.*"q"/,
  ],
];

function wideOutput() {
  return graphOf(modelOf({ nodes: [], outputs: [{ name: 'y', type: 'float32', dims: ['batch', 5] }] }))
    .output[0]!;
}

describe('a broken model', () => {
  it.each(table)('with %s is pointed at', (_, model, code, text) => {
    const problems = checkModel(model);
    expect(problems.map(problem => problem.code)).toContain(code);
    const texts = problems.map(({ where, expected, got }) => `${where}: expected ${expected}, got ${got}`);
    expect(
      texts.some(line => text.test(line)),
      texts.join('\n'),
    ).toBe(true);
  });

  it('is an error on demand, with all problems as data', () => {
    const model = modelOf({ nodes: [node('Relux', ['z'], ['y'])] });
    expect(() => requireValid(model)).toThrow(
      expect.objectContaining({
        code: 'INVALID_GRAPH',
        message: expect.stringMatching(/Relux.*1 more/),
        details: expect.objectContaining({ problems: [expect.anything(), expect.anything()] }),
      }),
    );
    expect(() => requireValid(linearModel())).not.toThrow();
  });

  it('is refused by the engine too, except for what it repairs or finds only when it runs', async () => {
    const accepted: string[] = [];
    for (const [name, model] of table) {
      const session = await nodeRuntime.createSession(encodeModel(model)).catch(() => undefined);
      if (session) accepted.push(name);
      await session?.close();
    }
    expect(accepted).toEqual([
      'nodes out of order',
      'an initializer twice',
      'an output twice',
      'another shape than declared',
      'a kernel for other channels',
      'elements that do not add up',
    ]);
  });
});
