import fc from 'fast-check';
import { expect, it } from 'vitest';
import { packAscending, packCounts, packNumbers, unpack } from './packed.ts';

it('gives counts of any size back', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 2 ** 32 - 1 })),
      fc.constantFrom(1, 2 ** 8, 2 ** 16, 2 ** 32),
      (values, below) => {
        const counts = values.map(value => value % below);
        expect(Array.from(unpack(packCounts(counts)))).toEqual(counts);
      },
    ),
  );
});

it('gives numbers back bit by bit, infinite ones too', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ noNaN: true })), values => {
      expect(Array.from(unpack(packNumbers(values)))).toEqual(values);
    }),
  );
});

it('takes one byte for small counts and four for large ones', () => {
  const bytes = (counts: number[]) => Buffer.from(packCounts(counts).slice(1), 'base64').length;
  expect([bytes([1, 255]), bytes([1, 256]), bytes([1, 70000])]).toEqual([2, 4, 8]);
});

it('gives ascending numbers back, the steps of which take a byte each', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 2 ** 31 }))),
      values => {
        const ascending = values.sort((a, b) => a - b);
        expect(Array.from(unpack(packAscending(ascending)))).toEqual(ascending);
      },
    ),
  );
  const bytes = Buffer.from(packAscending([100, 200, 300, 65_000]).slice(1), 'base64');
  expect(bytes.length).toBe(3 + 3);
});
