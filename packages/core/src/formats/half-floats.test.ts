import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bfloat16ToFloat32, float16ToFloat32, float32ToBfloat16, float32ToFloat16 } from './half-floats.ts';

const all = Uint16Array.from({ length: 65_536 }, (_, bits) => bits);

describe.each([
  ['float16', float16ToFloat32, float32ToFloat16],
  ['bfloat16', bfloat16ToFloat32, float32ToBfloat16],
] as const)('%s', (_, widen, narrow) => {
  const values = widen(all);

  it('comes back from float32 for each of its 65,536 bit patterns; NaN stays NaN', () => {
    const back = narrow(values);
    for (const bits of all) {
      if (Number.isNaN(values[bits])) expect(widen(back.subarray(bits, bits + 1))[0]).toBeNaN();
      else if (back[bits] !== bits) throw new Error(`${bits} came back as ${back[bits]}`);
    }
  });

  it('is the nearest for any float32, the even one of two', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.float({ noNaN: true }), fc.float({ noNaN: true, min: -70_000, max: 70_000 })),
        value => {
          const [bits] = narrow(Float32Array.of(value));
          const got = values[bits!]!;
          if (!Number.isFinite(got)) return true;
          // The two neighbors by bit pattern, of which neither may be nearer.
          for (const other of [bits! - 1, bits! + 1]) {
            const neighbor = values[other & 0xffff]!;
            if (!Number.isFinite(neighbor)) continue;
            const [near, far] = [Math.abs(got - value), Math.abs(neighbor - value)];
            if (far < near || (far === near && neighbor !== got && (bits! & 1) === 1)) return false;
          }
          return true;
        },
      ),
      { numRuns: 2000 },
    );
  });
});

it.each([
  [65_504, 65_504],
  [65_519.996, 65_504],
  [65_520, Number.POSITIVE_INFINITY],
  [-1e9, Number.NEGATIVE_INFINITY],
  [2 ** -24, 2 ** -24],
  [2 ** -25, 0],
  [2 ** -25 * 1.0001, 2 ** -24],
  [1 + 2 ** -11, 1],
  [1 + 3 * 2 ** -11, 1 + 2 ** -9],
])('%f is %f as a half float', (value, expected) => {
  expect(float16ToFloat32(float32ToFloat16(Float32Array.of(value)))[0]).toBe(expected);
});

it('infinity begins where bfloat16 ends', () => {
  expect(bfloat16ToFloat32(float32ToBfloat16(Float32Array.of(3.4e38, 3.3e38)))[0]).toBe(
    Number.POSITIVE_INFINITY,
  );
  expect(bfloat16ToFloat32(float32ToBfloat16(Float32Array.of(3.3e38)))[0]).toBeLessThan(3.4e38);
});
