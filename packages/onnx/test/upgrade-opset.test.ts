import { opsetOf, upgradeOpset } from '@ood/onnx';
import { describe, expect, it } from 'vitest';
import { floats, integers, type ModelParts, modelOf, node, random, run } from './models.ts';

const image = { name: 'x', type: 'float32' as const, dims: ['batch', 3, 4, 4] };
const cube = { name: 'x', type: 'float32' as const, dims: ['batch', 3, 4] };
const unknownRank = [node('Reshape', ['x', 's'], ['r'])];

/** Nodes as an older opset wrote them; each must compute the same after the upgrade. */
const table: readonly (readonly [string, number, ModelParts])[] = [
  ['Relu, unchanged', 7, { nodes: [node('Relu', ['x'], ['y'])] }],
  [
    'BatchNormalization',
    8,
    {
      inputs: [cube],
      nodes: [node('BatchNormalization', ['x', 's', 's', 's', 'v'], ['y'], { epsilon: 1e-3 })],
      initializers: { s: random([3]), v: floats([3], [1, 2, 3]) },
    },
  ],
  [
    'Upsample with scales as attribute',
    8,
    { inputs: [image], nodes: [node('Upsample', ['x'], ['y'], { mode: 'nearest', scales: [1, 1, 2, 3] })] },
  ],
  [
    'Upsample with scales as input',
    9,
    {
      inputs: [image],
      nodes: [node('Upsample', ['x', 's'], ['y'], { mode: 'linear' })],
      initializers: { s: floats([4], [1, 1, 2, 2]) },
    },
  ],
  [
    'Slice',
    9,
    {
      inputs: [cube],
      nodes: [node('Slice', ['x'], ['y'], { starts: [1n, 0n], ends: [3n, -1n], axes: [1n, 2n] })],
    },
  ],
  [
    'Slice without axes',
    9,
    { inputs: [cube], nodes: [node('Slice', ['x'], ['y'], { starts: [0n, 1n], ends: [9n, 2n] })] },
  ],
  ['TopK', 9, { inputs: [cube], nodes: [node('TopK', ['x'], ['y', 'i'], { k: 2n, axis: 2n })] }],
  [
    'Resize',
    10,
    {
      inputs: [image],
      nodes: [node('Resize', ['x', 's'], ['y'], { mode: 'nearest' })],
      initializers: { s: floats([4], [1, 1, 1.5, 2]) },
    },
  ],
  [
    'Resize that shrinks',
    10,
    {
      inputs: [image],
      nodes: [node('Resize', ['x', 's'], ['y'], { mode: 'nearest' })],
      initializers: { s: floats([4], [1, 1, 0.75, 0.5]) },
    },
  ],
  [
    'Resize, linear',
    10,
    {
      inputs: [image],
      nodes: [node('Resize', ['x', 's'], ['y'], { mode: 'linear' })],
      initializers: { s: floats([4], [1, 1, 2, 2]) },
    },
  ],
  ['Clip', 10, { nodes: [node('Clip', ['x'], ['y'], { min: -0.25, max: 0.5 })] }],
  ['Clip with a maximum only', 10, { nodes: [node('Clip', ['x'], ['y'], { max: 0.5 })] }],
  ['Clip without limits', 10, { nodes: [node('Clip', ['x'], ['y'])] }],
  [
    'Clip of half floats',
    10,
    {
      nodes: [
        node('Cast', ['x'], ['h'], { to: 10n }),
        node('Clip', ['h'], ['c'], { max: 0.5 }),
        node('Cast', ['c'], ['y'], { to: 1n }),
      ],
    },
  ],
  [
    'Pad',
    10,
    {
      inputs: [cube],
      nodes: [node('Pad', ['x'], ['y'], { pads: [0n, 1n, 0n, 0n, 0n, 2n], value: 0.5, mode: 'constant' })],
    },
  ],
  [
    'Pad by reflection',
    10,
    {
      inputs: [cube],
      nodes: [node('Pad', ['x'], ['y'], { pads: [0n, 0n, 1n, 0n, 0n, 1n], mode: 'reflect' })],
    },
  ],
  [
    'Scatter',
    10,
    {
      nodes: [node('Scatter', ['x', 'i', 'u'], ['y'], { axis: 1n })],
      initializers: {
        i: { type: 'int64', dims: [1, 1], data: BigInt64Array.of(1n) },
        u: floats([1, 1], [9]),
      },
    },
  ],
  ['Dropout', 11, { nodes: [node('Dropout', ['x'], ['y'], { ratio: 0.3 })] }],
  [
    'Squeeze and Unsqueeze',
    12,
    {
      nodes: [
        node('Unsqueeze', ['x'], ['u'], { axes: [0n, 3n] }),
        node('Squeeze', ['u'], ['y'], { axes: [0n] }),
      ],
    },
  ],
  [
    'Squeeze without axes',
    12,
    { inputs: [{ ...image, dims: ['batch', 3, 1, 1] }], nodes: [node('Squeeze', ['x'], ['y'])] },
  ],
  [
    'ReduceSum',
    12,
    { inputs: [cube], nodes: [node('ReduceSum', ['x'], ['y'], { axes: [1n], keepdims: 0n })] },
  ],
  ['ReduceSum of everything', 12, { inputs: [cube], nodes: [node('ReduceSum', ['x'], ['y'])] }],
  [
    'Split with sizes',
    12,
    { inputs: [cube], nodes: [node('Split', ['x'], ['a', 'y'], { split: [1n, 2n], axis: 1n })] },
  ],
  ['Softmax of a matrix', 12, { nodes: [node('Softmax', ['x'], ['y'])] }],
  [
    'Softmax over the last two axes at once',
    12,
    { inputs: [cube], nodes: [node('Softmax', ['x'], ['y'], { axis: 1n })] },
  ],
  [
    'LogSoftmax over the last axis',
    12,
    { inputs: [cube], nodes: [node('LogSoftmax', ['x'], ['y'], { axis: 2n })] },
  ],
  [
    'Softmax of unknown rank',
    12,
    {
      inputs: [cube, { name: 's', type: 'int64', dims: ['n'] }],
      nodes: [...unknownRank, node('Softmax', ['r'], ['y'], { axis: 1n })],
    },
  ],
  ['ReduceMean', 17, { inputs: [image], nodes: [node('ReduceMean', ['x'], ['y'], { axes: [-1n, -2n] })] }],
  ['ReduceL2 without axes', 17, { inputs: [cube], nodes: [node('ReduceL2', ['x'], ['y'])] }],
  [
    'Split into equal parts',
    17,
    { inputs: [image], nodes: [node('Split', ['x'], ['a', 'y'], { axis: 2n })] },
  ],
  [
    'LpPool',
    17,
    { inputs: [image], nodes: [node('LpPool', ['x'], ['y'], { kernel_shape: [2n, 2n], strides: [2n, 2n] })] },
  ],
  [
    'GridSample',
    17,
    {
      inputs: [image],
      nodes: [node('GridSample', ['x', 'g'], ['y'], { mode: 'bilinear' })],
      initializers: { g: random([2, 2, 2, 2]) },
    },
  ],
];

describe('an upgraded model computes the same', () => {
  it.each(table)('%s, from opset %i', async (_, opset, parts) => {
    const model = modelOf({ ...parts, opset });
    const dims = (parts.inputs?.[0] ?? { dims: ['batch', 2] }).dims.map(dim =>
      typeof dim === 'number' ? dim : 2,
    );
    const feeds = {
      x: random(dims, 3),
      ...(parts.inputs?.some(({ name }) => name === 's') && { s: integers([2, 3, 4]) }),
    };
    const before = await run(model, feeds);
    const changed = [...new Set([9, 10, 11, 12, 13, 15, 18, 20].filter(version => version > opset))];
    for (const target of [changed[0] ?? 20, 20]) {
      const upgraded = upgradeOpset(model, target);
      expect(opsetOf(upgraded)).toBe(target);
      expect(await run(upgraded, feeds)).toEqual(before);
    }
  });

  it('also inside the branches of If', async () => {
    const branch = (name: string, axes: bigint[]) => {
      const inner = modelOf({
        inputs: [],
        outputs: [name],
        nodes: [node('Unsqueeze', ['x'], [name], { axes })],
      });
      return inner.graph!;
    };
    const model = modelOf({
      opset: 11,
      inputs: [
        { name: 'x', type: 'float32', dims: [2] },
        { name: 'c', type: 'bool', dims: [] },
      ],
      nodes: [node('If', ['c'], ['y'], { then_branch: branch('a', [0n]), else_branch: branch('b', [1n]) })],
    });
    for (const value of [0, 1]) {
      const feeds = { x: random([2]), c: { type: 'bool' as const, dims: [], data: Uint8Array.of(value) } };
      expect(await run(upgradeOpset(model, 18), feeds)).toEqual(await run(model, feeds));
    }
  });

  it('leaves the model given as it was', () => {
    const model = modelOf({ opset: 10, nodes: [node('Clip', ['x'], ['y'], { max: 0.5 })] });
    const copy = structuredClone(model);
    upgradeOpset(model, 18);
    expect(model).toEqual(copy);
  });

  it.each<[string, ModelParts, number]>([
    ['a downgrade', { opset: 17, nodes: [node('Relu', ['x'], ['y'])] }, 13],
    ['an opset that does not exist yet', { opset: 17, nodes: [node('Relu', ['x'], ['y'])] }, 1000],
    [
      'a node without equivalent',
      {
        opset: 20,
        nodes: [node('GroupNormalization', ['x', 's', 's'], ['y'], { num_groups: 1n })],
        initializers: { s: floats([1], [1]) },
      },
      21,
    ],
  ])('refuses %s', (_, parts, target) => {
    expect(() => upgradeOpset(modelOf(parts), target)).toThrow(
      expect.objectContaining({ code: 'INCOMPATIBLE_GRAPHS' }),
    );
  });
});
