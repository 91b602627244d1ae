import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { decodeModel, describeModel, requireModestSizes } from '@ood/onnx';
import { describe, expect, it } from 'vitest';
import { floats, linearModel, modelOf, node, random } from './models.ts';

const hostile = (name: string) =>
  decodeModel(readFileSync(fileURLToPath(new URL(`./hostile/${name}`, import.meta.url))));

describe('sizes that a file only claims', () => {
  it.each([
    ['huge_in1.onnx', 'x', /input "x".*\[n, 3, 20000, 20000\], 4800000000 bytes/],
    ['huge_in2.onnx', 'x', /input "x".*1099511627776/],
    ['huge_in3.onnx', 'x', /input "x".*30000, 60000/],
    ['shapedouble.onnx', undefined, /tensor ".*" *: expected at most 2147483648 bytes, got \[\d+\]/],
  ])('are refused before anything is allocated: %s', (name, tensor, message) => {
    const model = hostile(name);
    expect(() => requireModestSizes(model)).toThrow(
      expect.objectContaining({ code: 'TOO_LARGE', message: expect.stringMatching(message) }),
    );
    if (tensor)
      expect(() => requireModestSizes(model)).toThrow(
        expect.objectContaining({ details: expect.objectContaining({ tensor }) }),
      );
    expect(describeModel(model).nodes).toBeGreaterThan(0);
  });

  it('are those of given free dimensions, by name or by axis', () => {
    const model = linearModel();
    expect(() => requireModestSizes(model, { maxBytes: 12 })).not.toThrow();
    for (const free of [{ batch: 2 }, { 'x:0': 2 }] as Record<string, number>[])
      expect(() => requireModestSizes(model, { maxBytes: 12, freeDimensions: free })).toThrow(/"x"|"y"/);
  });

  it('are not those of weights, which the file holds', () => {
    const model = modelOf({
      nodes: [node('MatMul', ['x', 'W'], ['y'])],
      initializers: { W: random([2, 1000]) },
    });
    expect(() => requireModestSizes(model, { maxBytes: 4000 })).not.toThrow();
    expect(() => requireModestSizes(model, { maxBytes: 3999 })).toThrow(/tensor "y"/);
  });
});

it('weights are counted wherever the file keeps them', () => {
  const weights = floats([2, 3], [1, 2, 3, 4, 5, 6]);
  const model = modelOf({
    nodes: [node('Constant', [], ['W'], { value: weights }), node('MatMul', ['x', 'W'], ['y'])],
  });
  expect(describeModel(model)).toMatchObject({ parameters: 6, parameterBytes: 24 });
});
