import { decodeModel, encodeModel, graphOf, makeGraph, makeModel, writeTensor } from '@ood/onnx';
import { describe, expect, it } from 'vitest';
import { floats, linearModel } from './models.ts';

describe('encoding and decoding', () => {
  it('gives the same bytes again', () => {
    const bytes = encodeModel(linearModel());
    expect(encodeModel(decodeModel(bytes))).toEqual(bytes);
  });

  it('keeps fields that a later version of the format may add', () => {
    const bytes = encodeModel(linearModel());
    // Field 4000, length-delimited, "new".
    const later = Uint8Array.of(...bytes, 0x82, 0xfa, 0x01, 3, 0x6e, 0x65, 0x77);
    expect(encodeModel(decodeModel(later))).toEqual(later);
  });

  it('does not copy tensor data when decoding', () => {
    const bytes = encodeModel(linearModel());
    const model = decodeModel(bytes);
    expect(model.graph?.initializer[0]?.rawData.buffer).toBe(bytes.buffer);
  });

  it('refuses to make a file larger than the format allows, before it uses memory for it', () => {
    const gibibyte = { ...writeTensor('t', floats([0], [])), rawData: new Uint8Array(2 ** 30) };
    const model = linearModel();
    const graph = { ...graphOf(model), initializer: [gibibyte, gibibyte] };
    expect(() => encodeModel({ ...model, graph })).toThrow(
      expect.objectContaining({ code: 'TOO_LARGE', message: expect.stringContaining('2147483647') }),
    );
  });

  it.each<[string, Uint8Array, string]>([
    ['no bytes', new Uint8Array(0), 'EMPTY_FILE'],
    ['text', new TextEncoder().encode('no model at all'), 'CORRUPT_FILE'],
    ['a torn file', encodeModel(linearModel()).subarray(0, 50), 'CORRUPT_FILE'],
    [
      'a message without graph',
      encodeModel({
        ...makeModel(makeGraph('none', { inputs: [], outputs: [], nodes: [] })),
        graph: undefined,
      }),
      'CORRUPT_FILE',
    ],
  ])('refuses %s, naming the file', (_, bytes, code) => {
    expect(() => decodeModel(bytes, { source: 'net.onnx' })).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining('net.onnx') }),
    );
  });
});
