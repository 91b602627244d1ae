import { create } from '@bufbuild/protobuf';
import {
  FunctionProtoSchema,
  flattenModel,
  graphOf,
  type ModelProto,
  type Tensor,
  withoutQuantization,
} from '@ood/onnx';
import { checkModel } from '@ood/onnx/check';
import { describe, expect, it } from 'vitest';
import { floats, modelOf, node, run } from './models.ts';
import { oddModels } from './odd-models.ts';

const operators = (model: ModelProto) => graphOf(model).node.map(({ opType }) => opType);
const truth = (value: boolean): Tensor => ({ type: 'bool', dims: [], data: Uint8Array.of(value ? 1 : 0) });
const branch = (parts: Parameters<typeof modelOf>[0]) => graphOf(modelOf({ inputs: [], ...parts }));
const choice = (condition: Parameters<typeof modelOf>[0]): ModelProto =>
  modelOf({
    ...condition,
    nodes: [
      ...condition.nodes,
      node('If', ['go'], ['y'], {
        then_branch: branch({
          nodes: [node('Add', ['x', 'c'], ['t'])],
          initializers: { c: floats([1], [10]) },
          outputs: ['t'],
        }),
        else_branch: branch({ nodes: [node('Neg', ['x'], ['t'])], outputs: ['t'] }),
      }),
    ],
  });
const x = floats([1, 2], [1, 2]);

describe('a flattened model', () => {
  it.each(oddModels)('computes the same: $name', async ({ model, feeds, expected }) => {
    const flat = flattenModel(model);
    expect(checkModel(flat)).toEqual(checkModel(model));
    const first = graphOf(model).output[0]!.name;
    expect(Array.from((await run(flat, feeds))[first]!.data as Float32Array)).toEqual(expected);
  });

  it.each<[string, ModelProto, readonly string[], readonly number[]]>([
    ['that is true', choice({ nodes: [], initializers: { go: truth(true) } }), ['Add'], [11, 12]],
    ['that is false', choice({ nodes: [], initializers: { go: truth(false) } }), ['Neg'], [-1, -2]],
    [
      'that follows from a known size',
      choice({
        nodes: [
          node('Shape', ['x'], ['s']),
          node('Gather', ['s', 'i'], ['n']),
          node('Equal', ['n', 'two'], ['go']),
        ],
        initializers: {
          i: { type: 'int64', dims: [], data: BigInt64Array.of(1n) },
          two: { type: 'int64', dims: [], data: BigInt64Array.of(2n) },
        },
      }),
      ['Shape', 'Gather', 'Equal', 'Add'],
      [11, 12],
    ],
  ])('has the live branch of a condition %s', async (_, model, ops, y) => {
    const flat = flattenModel(model);
    expect(operators(flat)).toEqual(ops);
    expect(checkModel(flat)).toEqual([]);
    expect(Array.from((await run(flat, { x })).y!.data as Float32Array)).toEqual(y);
  });

  it('keeps a condition that depends on the inputs', () => {
    const model = choice({
      nodes: [node('ReduceSum', ['x'], ['sum'], { keepdims: 0n }), node('Cast', ['sum'], ['go'], { to: 9n })],
    });
    expect(operators(flattenModel(model))).toContain('If');
  });

  it('has the bodies of functions that call functions, with the attributes of the call', async () => {
    const body = (name: string, ...nodes: ReturnType<typeof node>[]) => {
      const definition = create(FunctionProtoSchema, {
        ...{ name, domain: 'my', input: ['a'], output: ['b'], attribute: ['slope'], node: nodes },
        opsetImport: [
          { domain: '', version: 17n },
          { domain: 'my', version: 1n },
        ],
      });
      for (const inner of nodes) for (const attribute of inner.attribute) attribute.refAttrName = 'slope';
      return definition;
    };
    const call = (from: string, to: string, slope: number, op: string) => ({
      ...node(op, [from], [to], { alpha: slope, slope }),
      domain: 'my',
    });
    const inner = body('Inner', node('LeakyRelu', ['a'], ['t'], { alpha: 0 }), node('Neg', ['t'], ['b']));
    const outer = body(
      'Outer',
      { ...node('Inner', ['a'], ['t'], { slope: 0 }), domain: 'my' },
      node('Neg', ['t'], ['b']),
    );
    const model = {
      ...modelOf({ nodes: [call('x', 'h', 0.5, 'Outer'), call('h', 'y', 0.25, 'Outer')], opsets: { my: 1 } }),
      functions: [inner, outer],
    };
    const flat = flattenModel(model);
    expect(operators(flat)).toEqual(['LeakyRelu', 'Neg', 'Neg', 'LeakyRelu', 'Neg', 'Neg']);
    expect(Array.from((await run(flat, { x: floats([1, 2], [-8, 2]) })).y!.data as Float32Array)).toEqual([
      -1, 2,
    ]);
  });

  it('does not grow without end', () => {
    const doubling = Array.from({ length: 40 }, (_, i) =>
      create(FunctionProtoSchema, {
        ...{ name: `F${i}`, domain: 'my', input: ['a'], output: ['b'] },
        node: ['t', 'b'].map((to, j) => ({
          ...node(i === 39 ? 'Neg' : `F${i + 1}`, [j ? 't' : 'a'], [to]),
          domain: i === 39 ? '' : 'my',
        })),
        opsetImport: [
          { domain: '', version: 17n },
          { domain: 'my', version: 1n },
        ],
      }),
    );
    const model = {
      ...modelOf({ nodes: [{ ...node('F0', ['x'], ['y']), domain: 'my' }], opsets: { my: 1 } }),
      functions: doubling,
    };
    expect(() => flattenModel(model)).toThrow(expect.objectContaining({ code: 'TOO_LARGE' }));
  });
});

/** Int8 weights with a scale for each column, and what they stand for. */
const weights = {
  q: Int8Array.from([3, -5, 7, 11, 0, -128]),
  scale: [0.5, 0.25, 2],
  zero: Int8Array.from([1, 0, -2]),
};
const q: Tensor = { type: 'int8', dims: [2, 3], data: weights.q };
const scale = floats([3], weights.scale);
const zero: Tensor = { type: 'int8', dims: [3], data: weights.zero };
const dense = Array.from(weights.q, (value, i) => (value - weights.zero[i % 3]!) * weights.scale[i % 3]!);
const byte = (value: number): Tensor => ({ type: 'int8', dims: [], data: Int8Array.of(value) });
const quantizing = {
  sx: floats([], [0.05]),
  zx: byte(0),
  sy: floats([], [0.5]),
  zy: byte(0),
  q,
  scale,
  zero,
};
const activation = node('QuantizeLinear', ['x', 'sx', 'zx'], ['xq']);
const back = node('DequantizeLinear', ['yq', 'sy', 'zy'], ['y']);

describe('a model without quantization computes with the weights that its integers stand for', () => {
  it.each<[string, ModelProto]>([
    [
      'QDQ',
      modelOf({
        initializers: quantizing,
        nodes: [
          activation,
          node('DequantizeLinear', ['xq', 'sx', 'zx'], ['xd']),
          node('DequantizeLinear', ['q', 'scale', 'zero'], ['w'], { axis: 1n }),
          node('MatMul', ['xd', 'w'], ['m']),
          node('QuantizeLinear', ['m', 'sy', 'zy'], ['yq']),
          back,
        ],
      }),
    ],
    [
      'QOperator',
      modelOf({
        initializers: quantizing,
        nodes: [
          activation,
          node('QLinearMatMul', ['xq', 'sx', 'zx', 'q', 'scale', 'zero', 'sy', 'zy'], ['yq']),
          back,
        ],
      }),
    ],
    [
      'QGemm',
      modelOf({
        initializers: quantizing,
        opsets: { 'com.microsoft': 1 },
        nodes: [
          activation,
          {
            ...node('QGemm', ['xq', 'sx', 'zx', 'q', 'scale', 'zero', '', 'sy', 'zy'], ['yq']),
            domain: 'com.microsoft',
          },
          back,
        ],
      }),
    ],
    [
      'dynamic',
      modelOf({
        initializers: quantizing,
        nodes: [
          node('DynamicQuantizeLinear', ['x'], ['xu', 'xs', 'xz']),
          node('MatMulInteger', ['xu', 'q', 'xz', 'zero'], ['i']),
          node('Cast', ['i'], ['f'], { to: 1n }),
          node('Mul', ['xs', 'scale'], ['s']),
          node('Mul', ['f', 's'], ['y']),
        ],
      }),
    ],
  ])('%s', async (_, model) => {
    const exact = withoutQuantization(model);
    const { y } = await run(exact, { x: floats([2, 2], [1, 0, 0, 1]) });
    const values = Array.from(y!.data as Float32Array);
    for (const [i, value] of values.entries()) expect(value).toBeCloseTo(dense[i]!, 4);
    // And nearly what the quantized model itself computes, where nothing is cut off.
    const small = { x: floats([1, 2], [0.8, -0.15]) };
    const [a, b] = [(await run(model, small)).y!, (await run(exact, small)).y!];
    for (const [i, value] of Array.from(a.data as Float32Array).entries())
      expect(Math.abs(value - (b.data[i] as number))).toBeLessThan(2);
  });
});
