import { describe, expect, it } from 'vitest';
import { isOodError } from '../errors/ood-error.ts';
import { createRandom, permutation } from './random.ts';

const draw = (count: number, next: () => number) => Array.from({ length: count }, next);

describe('createRandom', () => {
  it('gives the same numbers for the same seed, others for another seed or stream', () => {
    const first = draw(5, createRandom(1).uniform);
    expect(draw(5, createRandom(1).uniform)).toEqual(first);
    const others = [
      createRandom(2),
      createRandom(1, 1),
      createRandom('1'),
      createRandom(1, 'noise'),
      createRandom(1 + 2 ** 32),
    ];
    for (const other of others) expect(draw(5, other.uniform)).not.toEqual(first);
  });

  it('tells seed and stream apart in texts', () => {
    expect(createRandom('a', 'b').uniform()).not.toBe(createRandom('ab', '').uniform());
    expect(createRandom('a', 'b').uniform()).not.toBe(createRandom('b', 'a').uniform());
  });

  it.each([undefined, Number.NaN, 1.5, Number.POSITIVE_INFINITY, null, {}])('refuses the seed %s', seed => {
    expect(() => createRandom(seed as never)).toThrow(/^seed: expected a whole number or a text, got/);
    try {
      createRandom(seed as never);
    } catch (error) {
      expect(isOodError(error, 'INVALID_OPTION')).toBe(true);
    }
  });

  it('is uniform, whole and standard normal as it says', () => {
    const random = createRandom(7);
    const n = 200_000;
    const moments = (values: number[]) => {
      const mean = values.reduce((sum, x) => sum + x, 0) / n;
      return { mean, variance: values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / n };
    };
    const uniform = moments(draw(n, random.uniform));
    expect(uniform.mean).toBeCloseTo(0.5, 2);
    expect(uniform.variance).toBeCloseTo(1 / 12, 2);
    const normals = draw(n, random.normal);
    const normal = moments(normals);
    expect(normal.mean).toBeCloseTo(0, 1);
    expect(normal.variance).toBeCloseTo(1, 1);
    expect(normals.filter(x => Math.abs(x) > 1.959964).length / n).toBeCloseTo(0.05, 2);
    const counts = [0, 0, 0];
    for (let i = 0; i < n; i++) counts[random.below(3)]!++;
    for (const count of counts) expect(count / n).toBeCloseTo(1 / 3, 2);
  });
});

describe('permutation', () => {
  it('holds every number once, in each order equally often', () => {
    const random = createRandom(3);
    const seen = new Map<string, number>();
    for (let i = 0; i < 6000; i++) {
      const order = [...permutation(3, random)];
      expect([...order].sort()).toEqual([0, 1, 2]);
      seen.set(order.join(), (seen.get(order.join()) ?? 0) + 1);
    }
    expect(seen.size).toBe(6);
    for (const count of seen.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });
});
