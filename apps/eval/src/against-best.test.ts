import { createRandom } from '@ood/core';
import { delongTest } from '@ood/metrics';
import { expect, it } from 'vitest';
import { againstBest } from './against-best.ts';

const random = createRandom(4);
const id = Float64Array.from({ length: 200 }, () => random.normal());
const ood = Float64Array.from({ length: 150 }, () => 1.5 + random.normal());
const noisy = (scores: Float64Array, by: number) => scores.map(score => score + by * random.normal());
const detector = (name: string, noise: number) => ({
  detector: name,
  rankedBy: 1 - noise,
  pair: { id: noisy(id, noise), ood: noisy(ood, noise) },
});

it('tests all others against the best, and adjusts by Holm', () => {
  const [best, close, far] = [detector('best', 0), detector('close', 0.05), detector('far', 4)];
  const marks = againstBest([far, best, close]);
  expect(marks.get('best')).toEqual({ p: null, amongBest: true });
  const raw = [close, far].map(({ pair }) => delongTest(best.pair, pair).p!);
  expect(marks.get('far')!.p).toBeCloseTo(2 * raw[1]!, 12);
  expect(marks.get('close')!.p).toBeCloseTo(Math.max(raw[0]!, 2 * raw[1]!), 12);
  expect([marks.get('close')!.amongBest, marks.get('far')!.amongBest]).toEqual([true, false]);
});

it('tests nothing where there is nothing to test', () => {
  expect(againstBest([]).size).toBe(0);
  const one = { id: Float64Array.of(0, 1), ood: Float64Array.of(2) };
  const marks = againstBest(['a', 'b'].map(name => ({ detector: name, rankedBy: 0, pair: one })));
  expect(marks.get('b')).toEqual({ p: null, amongBest: true });
});
