import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRandom } from '@ood/core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { adamStep, globalNorm } from '../../src/optimizer/adam.ts';
import type { AdamOptions } from '../../src/optimizer/adam-options.ts';
import { type ArenaOptions, layOut, type ParameterSlot } from '../../src/optimizer/arena.ts';
import { kernelSourceHash } from '../../src/optimizer/kernel-bytes.ts';
import { averageWeights } from '../../src/optimizer/weight-averaging.ts';
import { normalArray } from '../../src/random.ts';

const infos = [
  { name: 'matrix', shape: [7, 5] },
  { name: 'bias', shape: [3] },
  { name: 'scalar', shape: [] },
  { name: 'large', shape: [33, 129] },
];

function filled(options: ArenaOptions, seed: number, parameters = infos): ParameterSlot[] {
  const slots = layOut(parameters, options);
  const rng = createRandom(seed);
  for (const slot of slots) {
    slot.value.set(normalArray(slot.value.length, rng));
    slot.average?.set(slot.value);
  }
  return slots;
}

function train(slots: ParameterSlot[], seed: number, scale: number, options: AdamOptions): (number | null)[] {
  const rng = createRandom(seed, 1);
  const norms: (number | null)[] = [];
  for (let step = 1; step <= 5; step++) {
    for (const { gradient } of slots) gradient.set(normalArray(gradient.length, rng, scale));
    norms.push(adamStep(slots, { step, learningRate: 1e-3 * step }, options));
    if (slots[0]!.average) averageWeights(slots, 0.99, step);
  }
  return norms;
}

const state = (slots: ParameterSlot[]) =>
  slots.map(({ value, first, second, average }) => [value, first, second, average].map(a => [...(a ?? [])]));

describe('the SIMD kernel', () => {
  it('is what runs here', () => {
    expect(layOut(infos).map(slot => slot.kernel.kind)).toEqual(['wasm', 'wasm', 'wasm', 'wasm']);
  });

  it('was assembled from the source in tooling', () => {
    const source = readFileSync(new URL('../../../../tooling/optimizer-kernel/adam.wat', import.meta.url));
    expect(kernelSourceHash).toBe(createHash('sha256').update(source).digest('hex'));
  });

  it('equals plain JavaScript bit for bit, for gradients of any size', () => {
    const scale = fc.integer({ min: -30, max: 18 }).map(exponent => 10 ** exponent);
    const options = fc.record({
      clipNorm: fc.constantFrom(null, 1e-3, 1e3),
      weightDecay: fc.constantFrom(0, 0.1),
      beta1: fc.constantFrom(0.9, 0.5),
    });
    fc.assert(
      fc.property(fc.nat(), scale, options, (seed, scale, options) => {
        const [simd, plain] = [true, false].map(simd => filled({ simd, averaging: true }, seed));
        const norms = [simd!, plain!].map(slots => train(slots, seed, scale, options));
        expect(norms[0]).toEqual(norms[1]);
        expect(state(simd!)).toEqual(state(plain!));
      }),
      { numRuns: 60 },
    );
  });
});

describe('Adam', () => {
  it('follows its formula', () => {
    const options = { weightDecay: 0.1, clipNorm: 20 };
    const slots = filled({}, 3);
    const wanted = slots.map(({ value }) => ({
      p: [...value],
      m: [...value].fill(0),
      v: [...value].fill(0),
    }));
    const rng = createRandom(4);
    for (let step = 1; step <= 20; step++) {
      const rate = 0.01 / step;
      for (const { gradient } of slots) gradient.set(normalArray(gradient.length, rng, step));
      const norm = Math.hypot(...slots.flatMap(({ gradient }) => [...gradient]));
      const clip = Math.min(1, 20 / norm);
      for (const [k, { p, m, v }] of wanted.entries()) {
        const keep = slots[k]!.shape.length > 1 ? 1 - rate * 0.1 : 1;
        for (let i = 0; i < p.length; i++) {
          const g = slots[k]!.gradient[i]! * clip;
          m[i] = 0.9 * m[i]! + 0.1 * g;
          v[i] = 0.999 * v[i]! + 0.001 * g * g;
          const denominator = Math.sqrt(v[i]! / (1 - 0.999 ** step)) + 1e-8;
          p[i] = keep * p[i]! - (rate * (m[i]! / (1 - 0.9 ** step))) / denominator;
        }
      }
      expect(adamStep(slots, { step, learningRate: rate }, options)).toBeCloseTo(norm, 4);
    }
    for (const [k, { p }] of wanted.entries()) {
      for (const [i, value] of slots[k]!.value.entries()) expect(value).toBeCloseTo(p[i]!, 5);
    }
  });

  it('leaves a parameter without gradient where it is', () => {
    const slots = filled({}, 1);
    const before = state(slots);
    adamStep(slots, { step: 1, learningRate: 1 });
    expect(state(slots)).toEqual(before);
  });

  it('sums the global norm in float64', () => {
    const slots = layOut([{ name: 'g', shape: [1000] }]);
    slots[0]!.gradient.fill(1e-3);
    slots[0]!.gradient[0] = 1e4;
    expect(globalNorm(slots)).toBeCloseTo(Math.sqrt(1e8 + 999 * 1e-6), 9);
  });
});

describe('the layout', () => {
  const arraysOf = (slot: ParameterSlot) => [
    slot.value,
    slot.gradient,
    slot.first,
    slot.second,
    slot.average!,
  ];

  it('never spaces the arrays of a parameter by whole pages, at any size', () => {
    for (const elements of [1, 1024, 2 ** 14, 2 ** 20, 2 ** 20 - 16]) {
      const [slot] = layOut([{ name: 'p', shape: [elements] }], { averaging: true });
      const offsets = arraysOf(slot!).map(array => array.byteOffset);
      for (const [i, a] of offsets.entries()) {
        for (const b of offsets.slice(i + 1)) expect((b - a) % 4096).not.toBe(0);
        expect(a % 64).toBe(0);
      }
    }
  });

  it('overlaps nowhere', () => {
    const slots = layOut(infos, { averaging: true });
    for (const [k, array] of slots.flatMap(arraysOf).entries()) array.fill(k);
    for (const [k, array] of slots.flatMap(arraysOf).entries())
      expect(array.every(value => value === k)).toBe(true);
  });

  it('spreads over several memories where one is too small, with the same results', () => {
    const large = ['a', 'b', 'c'].map(name => ({ name, shape: [100, 200] }));
    const one = filled({ averaging: true }, 9, large);
    const many = filled({ averaging: true, memoryLimit: 700_000 }, 9, large);
    expect(many.every(slot => slot.kernel.kind === 'wasm')).toBe(true);
    expect(new Set(one.map(slot => slot.value.buffer)).size).toBe(1);
    expect(new Set(many.map(slot => slot.value.buffer)).size).toBeGreaterThan(1);
    for (const slots of [one, many]) train(slots, 9, 1, { clipNorm: 1 });
    expect(state(many)).toEqual(state(one));
  });

  it('takes plain arrays for what no memory can hold', () => {
    const [slot] = layOut([{ name: 'p', shape: [100_000] }], { memoryLimit: 2 ** 18 });
    expect(slot!.kernel.kind).toBe('plain');
  });
});
