import { expect, it } from 'vitest';
import { scoreHistogram } from './histogram.ts';
import { histogramChart } from './histogram-chart.ts';

/** Ends of every label of the axis, in order, at 5.8 pixels a character of its 10.5 pixel font. */
function labelSpans(svg: string): { from: number; to: number }[] {
  return [...svg.matchAll(/<text x="([\d.]+)" y="\d+">([^<]+)</g)].map(([, x, label]) => {
    const half = (label!.length * 5.8) / 2;
    return { from: Number(x) - half, to: Number(x) + half };
  });
}

it.each([
  ['ordinary scores', 0, 1],
  ['tiny ones', 0, 1e-12],
  ['huge ones', 0, 1e8],
  ['astronomic ones', 0, 1e200],
  ['ones far from zero', 1e9, 1],
  ['ones far below zero', -123456789, 0.01],
  ['equal ones', 1e7, 0],
])('labels the axis of %s without letting labels touch or leave the chart', (_what, offset, scale) => {
  const scores = Float64Array.from({ length: 200 }, (_, i) => offset + scale * Math.sin(i));
  const spans = labelSpans(histogramChart(scoreHistogram(scores, scores), offset, 'chart'));
  expect(spans.length).toBeGreaterThan(0);
  expect(spans[0]!.from).toBeGreaterThanOrEqual(0);
  expect(spans.at(-1)!.to).toBeLessThanOrEqual(420);
  expect(spans.every(({ from }, i) => i === 0 || from > spans[i - 1]!.to)).toBe(true);
});
