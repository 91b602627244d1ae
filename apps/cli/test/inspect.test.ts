import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeModel, makeGraph, makeModel, makeNode, type NodeProto } from '@ood/onnx';
import { EXIT } from '@ood/terminal';
import { memoryIo } from '@ood/terminal/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { main } from '../src/main.ts';

let folder = '';
const run = async (...args: string[]) => {
  const { io, written } = memoryIo({ cwd: folder });
  return { code: await main(['inspect', ...args], io), ...written };
};

function classifier(last: NodeProto): Uint8Array {
  const graph = makeGraph('tiny', {
    inputs: [{ name: 'x', type: 'float32', dims: ['batch', 4] }],
    outputs: [{ name: 'y', type: 'float32', dims: ['batch', 3] }],
    nodes: [
      makeNode('Relu', { inputs: ['x'], outputs: ['features'] }),
      makeNode('Gemm', { inputs: ['features', 'W'], outputs: ['logits'], name: 'fc' }),
      last,
    ],
    initializers: {
      W: { type: 'float32', dims: [4, 3], data: Float32Array.from({ length: 12 }, (_, i) => i - 5) },
    },
  });
  return encodeModel(makeModel(graph, { producer: 'test', metadata: { classes: 'a b c' } }));
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ood-inspect-'));
  await writeFile(
    join(folder, 'good.onnx'),
    classifier(makeNode('Softmax', { inputs: ['logits'], outputs: ['y'] })),
  );
  const squared = [
    makeNode('Mul', { inputs: ['logits', 'logits'], outputs: ['s'] }),
    makeNode('Softmax', { inputs: ['s'], outputs: ['y'] }),
  ];
  const odd = classifier(squared[0]!);
  await writeFile(join(folder, 'torn.onnx'), odd.subarray(0, 60));
  const graph = makeGraph('odd', {
    inputs: [{ name: 'x', type: 'float32', dims: ['batch', 4] }],
    outputs: [{ name: 'y', type: 'float32', dims: ['batch', 4] }],
    nodes: [makeNode('Relu', { inputs: ['x'], outputs: ['logits'] }), ...squared],
  });
  await writeFile(join(folder, 'odd.onnx'), encodeModel(makeModel(graph)));
});
afterAll(() => rm(folder, { recursive: true }));

describe('ood inspect', () => {
  it('prints what the model takes and gives, and its proved head', async () => {
    const { code, stdout, stderr } = await run('good.onnx');
    expect(stderr).toBe('');
    expect(code).toBe(EXIT.ok);
    for (const text of [
      '"x" float32 [batch, 4]',
      '4 from tensor "features"',
      'Gemm "fc", 3 classes; proved',
      'classes: a b c',
    ]) {
      expect(stdout).toContain(text);
    }
  });

  it('prints one JSON document', async () => {
    const { stdout } = await run('good.onnx', '--json');
    const document = JSON.parse(stdout);
    expect(document).toMatchObject({
      schemaVersion: 1,
      file: 'good.onnx',
      model: { nodes: 3, parameters: 12, problems: [] },
      backbone: { layer: 'features', featureSize: 4, head: { classes: 3, proof: { proved: true } } },
    });
  });

  it('takes another layer', async () => {
    const { stdout } = await run('good.onnx', '--layer', 'logits', '--json');
    expect(JSON.parse(stdout).backbone).toMatchObject({ layer: 'logits', featureSize: 3 });
  });

  it('joins further layers, and says where they stand', async () => {
    const nodes = [
      makeNode('Conv', { inputs: ['image', 'A'], outputs: ['map'] }),
      makeNode('Conv', { inputs: ['map', 'B'], outputs: ['small'], attributes: { strides: [2n, 2n] } }),
      makeNode('GlobalAveragePool', { inputs: ['small'], outputs: ['pooled'] }),
      makeNode('Flatten', { inputs: ['pooled'], outputs: ['features'] }),
      makeNode('Gemm', { inputs: ['features', 'W'], outputs: ['y'] }),
    ];
    const weights = (...dims: number[]) => ({
      type: 'float32' as const,
      dims,
      data: Float32Array.from({ length: dims.reduce((a, b) => a * b) }, (_, i) => Math.sin(i + 1)),
    });
    const graph = makeGraph('maps', {
      inputs: [{ name: 'image', type: 'float32', dims: ['batch', 3, 8, 8] }],
      outputs: [{ name: 'y', type: 'float32', dims: ['batch', 3] }],
      nodes,
      initializers: { A: weights(4, 3, 3, 3), B: weights(5, 4, 3, 3), W: weights(5, 3) },
    });
    await writeFile(join(folder, 'maps.onnx'), encodeModel(makeModel(graph)));
    const { code, stdout } = await run('maps.onnx', '--layers', 'stage-ends');
    expect(code).toBe(EXIT.ok);
    expect(stdout).toContain('9 from tensor "features"');
    expect(stdout).toContain('columns 0 to 4: "features"');
    expect(stdout).toContain('columns 5 to 8: mean of "map"');
    const named = await run('maps.onnx', '--layers', 'small,map', '--json');
    expect(JSON.parse(named.stdout).backbone.layers).toMatchObject([
      { tensor: 'features', start: 0, size: 5 },
      { tensor: 'small', pooling: 'mean', start: 5, size: 5 },
      { tensor: 'map', start: 10, size: 4 },
    ]);
    const refused = await run('good.onnx', '--layers', 'stage-ends');
    expect(refused.code).toBe(EXIT.gateMissed);
    expect(refused.stderr).toContain('maps that are downsampled');
  });

  it('takes the sizes of free dimensions, and says how to give them', async () => {
    const graph = makeGraph('free', {
      inputs: [{ name: 'x', type: 'float32', dims: ['batch', 'width'] }],
      outputs: [{ name: 'y', type: 'float32', dims: ['batch', 3] }],
      nodes: [makeNode('MatMul', { inputs: ['x', 'W'], outputs: ['y'] })],
      initializers: {
        W: { type: 'float32', dims: [4, 3], data: Float32Array.from({ length: 12 }, (_, i) => i - 5) },
      },
    });
    await writeFile(join(folder, 'free.onnx'), encodeModel(makeModel(graph)));
    const { stdout } = await run('free.onnx');
    expect(stdout).toContain('give the sizes of free dimensions with --dim NAME=SIZE');
    const given = await run('free.onnx', '--dim', 'width=4', '--json');
    expect(JSON.parse(given.stdout).backbone).toMatchObject({ featureSize: 4, head: { classes: 3 } });
  });

  it('pools maps as it is told', async () => {
    const graph = makeGraph('map', {
      inputs: [{ name: 'x', type: 'float32', dims: ['batch', 8, 8, 3] }],
      outputs: [{ name: 'y', type: 'float32', dims: ['batch', 8, 8, 3] }],
      nodes: [makeNode('Relu', { inputs: ['x'], outputs: ['y'] })],
    });
    await writeFile(join(folder, 'map.onnx'), encodeModel(makeModel(graph)));
    expect((await run('map.onnx')).stdout).toContain('3 from tensor "y" (mean-channels-last of "y")');
    const told = await run('map.onnx', '--pooling', 'mean', '--json');
    expect(JSON.parse(told.stdout).backbone).toMatchObject({ pooling: 'mean', featureSize: 8 });
  });

  it('shows control characters in names and metadata instead of obeying them', async () => {
    const graph = makeGraph('hostile', {
      inputs: [{ name: 'x', type: 'float32', dims: ['batch', 4] }],
      outputs: [{ name: 'y\u001b[2J', type: 'float32', dims: ['batch', 4] }],
      nodes: [makeNode('Relu', { inputs: ['x'], outputs: ['y\u001b[2J'] })],
    });
    const model = makeModel(graph, { metadata: { names: `a\nb\u009b2J${'z'.repeat(5000)}` } });
    await writeFile(join(folder, 'hostile.onnx'), encodeModel(model));
    const { stdout } = await run('hostile.onnx');
    expect(stdout).toMatch(/names: a\\x0ab\\x9b2Jz+… \(5013 characters\)/);
    expect(stdout.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
  });

  it('says why a model has no head, and lists what could be named instead', async () => {
    const { code, stdout, stderr } = await run('odd.onnx');
    expect(code).toBe(EXIT.gateMissed);
    expect(stderr).toMatch(/^odd\.onnx: .*head/);
    expect(stdout).toContain('not usable as backbone as it is: NO_HEAD');
    // The reason once, in the words of the command line.
    expect(stdout + stderr).not.toMatch(/head: '|as layer/);
    expect((stdout + stderr).match(/expected a classification head/g)).toHaveLength(1);
    expect(stdout).toMatch(/logits +Relu +\[batch, 4\]/);
    const { stdout: text } = await run('odd.onnx', '--json');
    expect(JSON.parse(text).backbone.refused).toMatchObject({ code: 'NO_HEAD' });
  });

  it.each([
    ['--head', 'require'],
    ['--layer', 'nope'],
  ])(
    'describes the model all the same, but fails, where it has not what %s %s asks for',
    async (...asked) => {
      const { code, stdout, stderr } = await run('odd.onnx', '--json', ...asked);
      expect(code).toBe(EXIT.gateMissed);
      expect(JSON.parse(stdout).backbone.refused.candidates).not.toEqual([]);
      expect(stderr).toContain(asked.join(' '));
    },
  );

  it.each([
    [
      'a file that is not there',
      ['no.onnx'],
      EXIT.usage,
      /no\.onnx: expected an ONNX file, got no such file/,
    ],
    ['a torn file', ['torn.onnx'], EXIT.failed, /torn\.onnx: expected an ONNX model/],
    ['a mode that does not exist', ['good.onnx', '--head', 'perhaps'], EXIT.usage, /auto, require, none/],
    ['a size that is none', ['good.onnx', '--dim', 'width'], EXIT.usage, /expected NAME=SIZE/],
    ['a size of zero', ['good.onnx', '--dim', 'width=0'], EXIT.usage, /expected NAME=SIZE/],
    [
      'a size for a dimension that is not there',
      ['good.onnx', '--dim', 'width=3'],
      EXIT.usage,
      /expected names among batch, x:0, got "width"/,
    ],
    ['a pooling that does not exist', ['good.onnx', '--pooling', 'max'], EXIT.usage, /mean-channels-last/],
    ['no file', [], EXIT.usage, /missing required argument 'model'/],
  ])('refuses %s', async (_what, args, exit, message) => {
    const { code, stdout, stderr } = await run(...args);
    expect(code).toBe(exit);
    expect(stdout).toBe('');
    expect(stderr).toMatch(message);
  });
});
