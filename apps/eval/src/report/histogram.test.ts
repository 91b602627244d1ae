import fc from 'fast-check';
import { expect, it } from 'vitest';
import { scoreHistogram } from './histogram.ts';

const total = (shares: Float64Array): number => shares.reduce((sum, share) => sum + share, 0);

it('counts every score once, whatever the magnitudes', () => {
  const score = fc.double({ min: -1e12, max: 1e12, noNaN: true });
  const sample = fc.array(score, { minLength: 1, maxLength: 60 }).map(values => Float64Array.from(values));
  fc.assert(
    fc.property(sample, sample, (id, ood) => {
      const histogram = scoreHistogram(id, ood);
      expect(total(histogram.id)).toBeCloseTo(1, 9);
      expect(total(histogram.ood)).toBeCloseTo(1, 9);
      expect(histogram.edges.every((edge, i) => i === 0 || edge > histogram.edges[i - 1]!)).toBe(true);
    }),
  );
});

it.each([
  ['equal scores', [7, 7], [7]],
  ['equal scores of a huge magnitude', [-1e12, -1e12], [-1e12]],
  [
    'huge scores that float64 hardly tells apart',
    [999999999856.6252, 999999999856.6251],
    [999999999856.6251],
  ],
  ['the largest numbers', [1e300, 1e300], [-1e300]],
])('parts %s', (_what, ...scores) => {
  const [id, ood] = scores.map(list => Float64Array.from(list));
  const histogram = scoreHistogram(id!, ood!);
  expect([total(histogram.id), total(histogram.ood)]).toEqual([1, 1]);
  expect(histogram.edges.every((edge, i) => i === 0 || edge > histogram.edges[i - 1]!)).toBe(true);
});

it('keeps ID readable where OOD lies a million spreads away, and says so', () => {
  const id = Float64Array.from({ length: 100 }, (_, i) => i / 100);
  const { edges, ood, openEnd } = scoreHistogram(id, Float64Array.of(1e6, 2e6));
  expect(edges.at(-1)).toBeLessThan(10);
  expect(ood.at(-1)).toBe(1);
  expect(openEnd).toBe(true);
});

it.each([0, 1, -5e8, 1e7, 1e300, -1e-300, 0.1])('draws a detector that scores everything %d', value => {
  const { edges, id, ood, openEnd } = scoreHistogram(new Float64Array(5).fill(value), Float64Array.of(value));
  expect(edges.every((edge, i) => i === 0 || edge > edges[i - 1]!)).toBe(true);
  expect([total(id), total(ood)]).toEqual([expect.closeTo(1, 9), 1]);
  expect(edges[0]).toBeLessThan(value);
  expect(edges.at(-1)).toBeGreaterThan(value);
  expect(openEnd).toBe(false);
});
