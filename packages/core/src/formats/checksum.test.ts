import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createRandom } from '../random/random.ts';
import { Checksum } from './checksum.ts';

const numbers = Float32Array.from({ length: 41 }, createRandom(1).normal);
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

it('changes with every bit of bytes of any number and at any place, and with their number', () => {
  for (const length of [1, 2, 3, 4, 5, 11]) {
    const bytes = Uint8Array.from({ length: length + 1 }, (_, i) => 7 * i).subarray(1);
    const sums = [new Checksum().bytes(bytes).digest(), new Checksum().bytes(bytes.subarray(1)).digest()];
    for (let bit = 0; bit < 8 * length; bit++) {
      const changed = bytes.slice();
      changed[bit >> 3]! ^= 1 << (bit & 7);
      sums.push(new Checksum().bytes(changed).digest());
    }
    expect(new Set(sums).size).toBe(sums.length);
    expect(new Checksum().bytes(bytes.slice()).digest()).toBe(sums[0]);
  }
});
