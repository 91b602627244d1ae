import {
  cutModel,
  decodeModel,
  encodeModel,
  graphOf,
  joinModels,
  type ModelProto,
  opsetOf,
  tensorNames,
} from '@ood/onnx';
import { describe, expect, it } from 'vitest';
import { floats, linearModel, type ModelParts, modelOf, node, random, run, x } from './models.ts';

const three = { name: 'x', type: 'float32' as const, dims: ['batch', 3] };

/** Second models for `linear` (x → y of three columns), in several opsets and with names that clash. */
const seconds: readonly (readonly [string, ModelParts])[] = [
  [
    'the same names throughout',
    {
      inputs: [three],
      nodes: [node('Mul', ['x', 'W'], ['b']), node('Tanh', ['b'], ['y'])],
      initializers: { W: floats([3], [1, 2, 3]) },
    },
  ],
  [
    'an earlier opset',
    {
      opset: 12,
      inputs: [three],
      nodes: [node('Softmax', ['x'], ['z']), node('ReduceSum', ['z'], ['y'], { axes: [1n] })],
    },
  ],
  ['a later opset', { opset: 20, inputs: [three], nodes: [node('Gelu', ['x'], ['y'])] }],
  [
    'a branch that captures',
    {
      inputs: [three],
      nodes: [
        node('ReduceMax', ['x'], ['b'], { keepdims: 0n }),
        node('Greater', ['b', 'W'], ['c']),
        node('If', ['c'], ['y'], {
          then_branch: modelOf({ inputs: [], nodes: [node('Neg', ['x'], ['h'])], outputs: ['h'] }).graph!,
          else_branch: modelOf({ inputs: [], nodes: [node('Abs', ['x'], ['g'])], outputs: ['g'] }).graph!,
        }),
      ],
      initializers: { W: floats([], [0]) },
    },
  ],
];

async function inSequence(first: ModelProto, second: ModelProto) {
  const input = random([4, 2], 5);
  const { y } = await run(first, { x: input });
  return { input, y: y!, result: Object.values(await run(second, { x: y! }))[0] };
}

describe('two joined models compute what they compute one after the other', () => {
  it.each(seconds)('with %s', async (_, parts) => {
    const [first, second] = [linearModel(), modelOf(parts)];
    const joined = joinModels(first, second, { connect: { x: 'y' } });
    const { input, result } = await inSequence(first, second);
    expect(Object.values(await run(joined, { x: input }))).toEqual([result]);
    expect(opsetOf(joined)).toBe(Math.max(opsetOf(first), opsetOf(second)));
    expect(graphOf(joined).input.map(info => info.name)).toEqual(['x']);
  });

  it('keeping an output of the first as well, under its name', async () => {
    const [first, second] = [linearModel(), modelOf(seconds[0]![1])];
    const joined = joinModels(first, second, { connect: { x: 'y' }, keepOutputs: ['y'] });
    const { input, y, result } = await inSequence(first, second);
    expect(await run(joined, { x: input })).toEqual({ y, 'second.y': result });
  });

  it('keeping the names of inputs and outputs that only one of them has', async () => {
    const first = modelOf({
      nodes: [node('Abs', ['x'], ['score']), node('Neg', ['score'], ['h'])],
      outputs: ['h'],
    });
    const second = modelOf({
      inputs: [
        { ...x, name: 'z' },
        { ...x, name: 'w' },
      ],
      nodes: [node('Add', ['z', 'w'], ['score'])],
      outputs: ['score'],
    });
    const joined = joinModels(first, second, { connect: { z: 'h' } });
    expect(graphOf(joined).input.map(info => info.name)).toEqual(['x', 'w']);
    expect(graphOf(joined).output.map(info => info.name)).toEqual(['score']);
    const input = floats([1, 2], [3, -4]);
    expect((await run(joined, { x: input, w: floats([1, 2], [10, 10]) })).score!.data).toEqual(
      Float32Array.of(7, 6),
    );
  });

  it('fed from a tensor inside the first, and twice from the same one', async () => {
    const first = modelOf({ nodes: [node('Abs', ['x'], ['h']), node('Neg', ['h'], ['y'])] });
    const second = modelOf({
      inputs: [
        { ...x, name: 'p' },
        { ...x, name: 'q' },
      ],
      nodes: [node('Mul', ['p', 'q'], ['r'])],
      outputs: ['r'],
    });
    const joined = joinModels(first, second, { connect: { p: 'h', q: 'h' } });
    const result = await run(joined, { x: floats([1, 2], [3, -4]) });
    expect(result.r!.data).toEqual(Float32Array.of(9, 16));
    expect(result.y!.data).toEqual(Float32Array.of(-3, -4));
  });

  it('which can be cut apart again', async () => {
    const joined = joinModels(linearModel(), modelOf(seconds[0]![1]), { connect: { x: 'y' } });
    const input = random([4, 2], 5);
    const part = cutModel(joined, {
      outputs: ['first.y'].filter(name => tensorNames(graphOf(joined)).has(name)),
    });
    expect(Object.values(await run(part, { x: input }))).toEqual(
      Object.values(await run(linearModel(), { x: input })),
    );
  });

  it('and their functions, of which two may have the same name', async () => {
    const call = (factor: number): ModelProto => {
      const body = modelOf({
        nodes: [node('Constant', [], ['f'], { value: floats([], [factor]) }), node('Mul', ['a', 'f'], ['r'])],
      });
      const model = modelOf({
        nodes: [{ ...node('Scale', ['x'], ['y']), domain: 'own' }],
        opsets: { own: 1 },
      });
      const functions = [
        {
          $typeName: 'onnx.FunctionProto',
          name: 'Scale',
          domain: 'own',
          overload: '',
          docString: '',
          input: ['a'],
          output: ['r'],
          attribute: [],
          attributeProto: [],
          node: body.graph!.node,
          opsetImport: body.opsetImport,
          valueInfo: [],
          metadataProps: [],
        } as never,
      ];
      return decodeModel(encodeModel({ ...model, functions }));
    };
    const joined = joinModels(call(3), call(-5), { connect: { x: 'y' } });
    expect(Object.values(await run(joined, { x: floats([1, 2], [1, 2]) }))[0]!.data).toEqual(
      Float32Array.of(-15, -30),
    );
    expect(joined.functions.map(definition => definition.name)).toEqual(['Scale', 'second.Scale']);
  });
});

describe('models that cannot be joined say why', () => {
  const typed = modelOf({ inputs: [{ ...three, type: 'float64' }], nodes: [node('Neg', ['x'], ['y'])] });
  const wide = modelOf({ inputs: [{ ...three, dims: ['batch', 4] }], nodes: [node('Neg', ['x'], ['y'])] });
  const foreign = (version: number) =>
    modelOf({ inputs: [three], nodes: [node('Neg', ['x'], ['y'])], opsets: { 'ai.onnx.ml': version } });
  it.each<[string, ModelProto, ModelProto, Record<string, string>, string, RegExp]>([
    [
      'another element type',
      linearModel(),
      typed,
      { x: 'y' },
      'INCOMPATIBLE_GRAPHS',
      /"y" to "x": expected float64, got float32/,
    ],
    [
      'another width',
      linearModel(),
      wide,
      { x: 'y' },
      'INCOMPATIBLE_GRAPHS',
      /\[batch, 4\], got \[batch, 3\]/,
    ],
    ['an unknown source', linearModel(), wide, { x: 'z' }, 'UNKNOWN_TENSOR', /first model.*got "z"/],
    ['an unknown input', linearModel(), wide, { z: 'y' }, 'UNKNOWN_TENSOR', /second model.*got "z"/],
    [
      'two versions of a foreign operator set',
      { ...linearModel(), opsetImport: foreign(2).opsetImport },
      foreign(3),
      { x: 'y' },
      'INCOMPATIBLE_GRAPHS',
      /ai\.onnx\.ml.*2 and 3/,
    ],
  ])('%s', (_, first, second, connect, code, message) => {
    expect(() => joinModels(first, second, { connect })).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
  });
});
