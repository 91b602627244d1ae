import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isOodError } from '../errors/ood-error.ts';
import { arrayFromBytes, bytesOf, type DenseArray, type ElementType, elementTypeOf } from './dense-array.ts';
import { decodeNpy, encodeNpy } from './npy.ts';
import { parseNpyHeader, readNpyHeader } from './npy-header.ts';
import { encodeNpyTexts } from './npy-texts.ts';
import { decodeSafetensors, encodeSafetensors } from './safetensors.ts';
import { parseSafetensorsHeader, readSafetensorsHeader } from './safetensors-header.ts';
import { toFloat32 } from './to-float32.ts';

const types: readonly ElementType[] = [
  'float32',
  'float64',
  'float16',
  'bfloat16',
  'int8',
  'uint8',
  'int16',
  'uint16',
  'int32',
  'uint32',
  'int64',
  'uint64',
  'bool',
];

const anyArray = (of: readonly ElementType[]): fc.Arbitrary<DenseArray> =>
  fc
    .tuple(
      fc.constantFrom(...of),
      fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 }),
      fc.infiniteStream(fc.nat(255)),
    )
    .map(([type, shape, stream]) => {
      const count = shape.reduce((product, side) => product * side, 1);
      const bytes = Uint8Array.from({ length: count * 8 }, () => stream.next().value);
      return arrayFromBytes(type, shape, bytes);
    });

const sameArray = (a: DenseArray, b: DenseArray | undefined) =>
  b !== undefined &&
  elementTypeOf(a) === elementTypeOf(b) &&
  a.shape.join() === b.shape.join() &&
  Buffer.compare(bytesOf(a), bytesOf(b)) === 0;

/** Reads as a file would, counting what is asked for. */
function ranges(bytes: Uint8Array) {
  const source = {
    size: bytes.length,
    asked: 0,
    async read(start: number, length: number) {
      if (start + length > bytes.length) throw new Error('beyond the end');
      source.asked += length;
      return bytes.slice(start, start + length);
    },
  };
  return source;
}

/** Runs it; true where it succeeds or fails with a typed error. */
function typed(run: () => unknown): boolean {
  try {
    run();
    return true;
  } catch (error) {
    return isOodError(error);
  }
}

const patched = (bytes: Uint8Array, patches: readonly (readonly [number, number])[]): Uint8Array => {
  const copy = bytes.slice();
  for (const [at, value] of patches) copy[at % copy.length] = value;
  return copy;
};
const patches = fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 6 });

describe('.npy', () => {
  const npyTypes = types.filter(type => type !== 'bfloat16');

  it('gives back what was encoded', () => {
    fc.assert(
      fc.property(anyArray(npyTypes), array => sameArray(array, decodeNpy(encodeNpy(array), 'a.npy'))),
    );
  });

  it('has a header that a range read finds without the elements', async () => {
    const bytes = encodeNpy({ shape: [1000, 7], data: new Float32Array(7000) });
    const source = ranges(bytes);
    expect(await readNpyHeader(source, 'a.npy')).toEqual(parseNpyHeader(bytes, 'a.npy'));
    expect(source.asked).toBeLessThan(300);
  });

  it('ends in a typed error or an array for any damage', () => {
    const bytes = encodeNpy({ shape: [2, 3], data: new Float32Array(6) });
    fc.assert(
      fc.property(patches, fc.nat(bytes.length), (changes, length) =>
        typed(() => decodeNpy(patched(bytes.slice(0, length), changes), 'a.npy')),
      ),
      { numRuns: 2000 },
    );
  });

  const file = (header: string, { version = 1, elements = 64 } = {}) => {
    const text = new TextEncoder().encode(header);
    const prefix =
      version === 1 ? [text.length & 0xff, text.length >> 8] : [text.length & 0xff, text.length >> 8, 0, 0];
    return Uint8Array.from([
      0x93,
      ...Buffer.from('NUMPY'),
      version,
      0,
      ...prefix,
      ...text,
      ...new Uint8Array(elements).map((_, i) => i),
    ]);
  };

  it.each([
    ['format 2', file("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 8), }", { version: 2 }), [2, 8]],
    ['format 3', file("{'descr': '<f4', 'fortran_order': False, 'shape': (16,), }", { version: 3 }), [16]],
    [
      'long integers of Python 2',
      file("{'descr': '<f4', 'fortran_order': False, 'shape': (2L, 8L), }"),
      [2, 8],
    ],
    ['a scalar', file("{'descr': '<f4', 'fortran_order': False, 'shape': (), }"), []],
  ])('reads %s', (_, bytes, shape) => {
    expect(decodeNpy(bytes, 'a.npy').shape).toEqual(shape);
  });

  it('swaps big-endian elements', () => {
    const bytes = file("{'descr': '>i2', 'fortran_order': False, 'shape': (2,), }", { elements: 4 });
    expect([...decodeNpy(bytes, 'a.npy').data]).toEqual([0x0001, 0x0203]);
  });

  it('lays column-major elements out by rows', () => {
    const bytes = file("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3, 2), }", { elements: 12 });
    expect([...decodeNpy(bytes, 'a.npy').data]).toEqual([0, 6, 2, 8, 4, 10, 1, 7, 3, 9, 5, 11]);
    expect(parseNpyHeader(bytes, 'a.npy').fortranOrder).toBe(true);
  });

  it.each([
    ['FOREIGN_FILE', 'too short', new Uint8Array(3)],
    ['FOREIGN_FILE', 'a PNG', Uint8Array.from([0x89, 0x50, 0x4e, 0x47, ...new Uint8Array(20)])],
    ['NEWER_VERSION', 'format 4', file('{}            ', { version: 4 })],
    ['UNSUPPORTED', 'objects', file("{'descr': '|O', 'fortran_order': False, 'shape': (2,), }")],
    ['UNSUPPORTED', 'structures', file("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,), }")],
    [
      'UNSUPPORTED',
      'a type named like a property',
      file("{'descr': '<constructor', 'fortran_order': False, 'shape': (2,), }"),
    ],
    ['CORRUPT_FILE', 'fewer elements', file("{'descr': '<f4', 'fortran_order': False, 'shape': (17,), }")],
    [
      'CORRUPT_FILE',
      'a shape beyond all numbers',
      file("{'descr': '<f4', 'fortran_order': False, 'shape': (9007199254740991, 9007199254740991), }"),
    ],
    ['CORRUPT_FILE', 'a negative side', file("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }")],
    ['CORRUPT_FILE', 'no shape', file("{'descr': '<f4', 'fortran_order': False, }")],
    ['CORRUPT_FILE', 'a header cut short', file('{}', { elements: 0 }).map((b, i) => (i === 8 ? 200 : b))],
    ['TOO_LARGE', 'an endless header', file(' '.repeat(10_001), { version: 2 })],
  ])('refuses with %s: %s', (code, _, bytes) => {
    expect(() => decodeNpy(bytes, 'dir/a.npy')).toThrow(
      expect.objectContaining({ code, where: 'dir/a.npy' }),
    );
  });

  it.each([
    ['UNSUPPORTED', { shape: [1], data: new Uint16Array(1), type: 'bfloat16' }],
    ['WRONG_SHAPE', { shape: [2], data: new Uint16Array(1) }],
  ] as const)('does not write with %s', (code, array) => {
    expect(() => encodeNpy(array)).toThrow(expect.objectContaining({ code }));
  });
});

describe('safetensors', () => {
  const names = fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'toString', 'a.b', '0'));
  const named = fc
    .array(fc.tuple(names, anyArray(types)), { maxLength: 5 })
    .map(entries => Object.fromEntries(entries.filter(([name]) => name !== '__metadata__')));
  const metadata = fc.array(fc.tuple(names, fc.string()), { maxLength: 3 }).map(Object.fromEntries);

  it('gives back what was encoded, whatever the names', () => {
    fc.assert(
      fc.property(named, metadata, (arrays, texts) => {
        const back = decodeSafetensors(encodeSafetensors({ arrays, metadata: texts }), 'a.safetensors');
        expect(Object.keys(back.arrays).toSorted()).toEqual(Object.keys(arrays).toSorted());
        expect(Object.entries(back.metadata).toSorted()).toEqual(Object.entries(texts).toSorted());
        return Object.entries(arrays).every(([name, array]) => sameArray(array, back.arrays[name]));
      }),
    );
  });

  it('aligns every array for its reader', () => {
    const bytes = encodeSafetensors({
      arrays: {
        bytes: { shape: [3], data: new Uint8Array(3) },
        wide: { shape: [1], data: new Float64Array(1) },
      },
    });
    const { entries, offset } = parseSafetensorsHeader(bytes, 'a');
    expect((offset + entries.get('wide')!.start) % 8).toBe(0);
  });

  it('knows no arrays that the file does not name', () => {
    const { arrays } = decodeSafetensors(encodeSafetensors({}), 'a');
    expect(arrays.constructor).toBeUndefined();
  });

  it('has a header that a range read finds without the elements', async () => {
    const bytes = encodeSafetensors({
      metadata: { a: 'b' },
      arrays: { x: { shape: [5000], data: new Float64Array(5000) } },
    });
    const source = ranges(bytes);
    expect(await readSafetensorsHeader(source, 'a')).toEqual(parseSafetensorsHeader(bytes, 'a'));
    expect(source.asked).toBeLessThan(300);
  });

  it('ends in a typed error or arrays for any damage', () => {
    const bytes = encodeSafetensors({
      arrays: { x: { shape: [2, 2], data: new Float32Array(4) }, y: { shape: [3], data: new Uint8Array(3) } },
    });
    fc.assert(
      fc.property(patches, fc.nat(bytes.length), (changes, length) =>
        typed(() => decodeSafetensors(patched(bytes.slice(0, length), changes), 'a')),
      ),
      { numRuns: 2000 },
    );
  });

  const file = (header: unknown, elements = 8) => {
    const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
    const bytes = new Uint8Array(8 + text.length + elements);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
    bytes.set(text, 8);
    return bytes;
  };
  const f32 = (shape: number[], start: number, end: number) => ({
    dtype: 'F32',
    shape,
    data_offsets: [start, end],
  });

  it.each([
    ['CORRUPT_FILE', 'nothing', new Uint8Array()],
    ['FOREIGN_FILE', 'a header length beyond the limit', new Uint8Array(100).fill(0x50)],
    ['FOREIGN_FILE', 'no JSON', file('not json')],
    ['FOREIGN_FILE', 'a list', file('[1, 2]')],
    ['CORRUPT_FILE', 'a torn file', file({ x: f32([2], 0, 8) }).slice(0, -1)],
    ['CORRUPT_FILE', 'a torn header', file({ x: f32([2], 0, 8) }, 0).slice(0, 30)],
    ['CORRUPT_FILE', 'bytes of nobody', file({ x: f32([1], 0, 4) })],
    ['CORRUPT_FILE', 'arrays that overlap', file({ x: f32([2], 0, 8), y: f32([1], 4, 8) })],
    ['CORRUPT_FILE', 'a gap', file({ x: f32([1], 4, 8) })],
    ['CORRUPT_FILE', 'an array beyond the end', file({ x: f32([4], 0, 16) })],
    [
      'CORRUPT_FILE',
      'offsets in reverse',
      file({ x: { dtype: 'F8_E5M2', shape: [2], data_offsets: [8, 0] } }),
    ],
    ['CORRUPT_FILE', 'another size than the shape', file({ x: f32([3], 0, 8) })],
    ['CORRUPT_FILE', 'a shape beyond all numbers', file({ x: f32([2 ** 52, 2 ** 52, 2 ** 52], 0, 8) })],
    ['CORRUPT_FILE', 'a negative side', file({ x: f32([-2], 0, 8) })],
    ['CORRUPT_FILE', 'no offsets', file({ x: { dtype: 'F32', shape: [2] } })],
    ['CORRUPT_FILE', 'an entry that is null', file({ x: null })],
    ['CORRUPT_FILE', 'metadata of numbers', file({ __metadata__: { a: 1 } }, 0)],
    ['UNSUPPORTED', 'eight-bit floats', file({ x: { dtype: 'F8_E4M3', shape: [8], data_offsets: [0, 8] } })],
  ])('refuses with %s: %s', (code, _, bytes) => {
    expect(() => decodeSafetensors(bytes, 'a')).toThrow(expect.objectContaining({ code }));
  });

  it.each([
    ['INVALID_OPTION', { __metadata__: { shape: [1], data: new Float32Array(1) } }],
    ['WRONG_SHAPE', { x: { shape: [3], data: new Float32Array(1) } }],
  ])('does not write with %s', (code, arrays) => {
    expect(() => encodeSafetensors({ arrays })).toThrow(expect.objectContaining({ code }));
  });
});

it.each([
  ['float16', { data: Uint16Array.of(0x3c00), type: 'float16' }],
  ['bfloat16', { data: Uint16Array.of(0x3f80), type: 'bfloat16' }],
  ['uint16', { data: Uint16Array.of(1) }],
  ['int64', { data: BigInt64Array.of(1n) }],
  ['float64', { data: Float64Array.of(1) }],
  ['float32', { data: Float32Array.of(1) }],
] as const)('toFloat32 reads %s', (_, array) => {
  expect(toFloat32(array)).toEqual(Float32Array.of(1));
});

it('writes texts as numpy keeps them', () => {
  const bytes = encodeNpyTexts(['a', 'bcd', '', '😀é']);
  const header = new TextDecoder('latin1').decode(bytes.subarray(0, 128));
  expect(header.slice(0, 6)).toBe('\u0093NUMPY');
  expect(header).toContain("{'descr': '<U3', 'fortran_order': False, 'shape': (4,), }");
  const start = 10 + bytes[8]! + 256 * bytes[9]!;
  expect(start % 64).toBe(0);
  const points = [...new Uint32Array(bytes.slice(start).buffer)];
  const texts = [0, 3, 6, 9].map(i =>
    String.fromCodePoint(...points.slice(i, i + 3).filter(point => point > 0)),
  );
  expect(texts).toEqual(['a', 'bcd', '', '😀é']);
});
