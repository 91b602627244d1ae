import { createRandom } from '@ood/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Checksum } from '../src/checksum.ts';
import { normalArray } from '../src/random.ts';

const numbers = normalArray(41, createRandom(1));
const whole = new Checksum().numbers(numbers).digest();

it('does not depend on how the numbers are cut', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(41), { maxLength: 6 }), cuts => {
      const places = [0, ...cuts.sort((a, b) => a - b), 41];
      const sum = new Checksum();
      for (const [i, end] of places.slice(1).entries()) sum.numbers(numbers.subarray(places[i], end));
      expect(sum.digest()).toBe(whole);
    }),
    { seed: 1 },
  );
});

it('changes with every bit, with two signs, with the order, and with what is missing', () => {
  const bits = new Uint32Array(numbers.buffer);
  const sums = [whole];
  for (let bit = 0; bit < 32 * bits.length; bit++) {
    bits[bit >> 5]! ^= 1 << (bit & 31);
    sums.push(new Checksum().numbers(numbers).digest());
    bits[bit >> 5]! ^= 1 << (bit & 31);
  }
  expect(new Set(sums).size).toBe(sums.length);
  const others = [
    numbers.map((value, i) => (i === 3 || i === 7 ? -value : value)),
    numbers.toReversed(),
    numbers.map((_, i) => numbers[i ^ 1] ?? 0),
    numbers.map((_, i) => numbers[(i + 4) % 41]!),
    numbers.subarray(1),
    numbers.subarray(0, 40),
    Float32Array.of(...numbers, 0),
  ];
  const digests = others.map(other => new Checksum().numbers(other).digest());
  expect(new Set([whole, ...digests]).size).toBe(others.length + 1);
  expect(new Checksum().text('ab').digest()).not.toBe(new Checksum().text('ba').digest());
});
