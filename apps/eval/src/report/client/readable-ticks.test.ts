import { scaleLinear } from 'd3-scale';
import { expect, it } from 'vitest';
import { readableTicks } from './readable-ticks.ts';

it.each([
  ['ordinary scores', 0, 1],
  ['tiny ones', 0, 1e-12],
  ['huge ones', 0, 1e8],
  ['astronomic ones', 0, 1e200],
  ['ones far from zero', 1e9, 1],
  ['ones far below zero', -123456789, 0.01],
  ['the narrowest', 1e7, 1e-7],
])('labels the axis of %s without letting labels touch or leave the chart', (_what, low, range) => {
  for (const width of [280, 420, 900]) {
    const x = scaleLinear([low, low + range], [16, width - 16]);
    // At 5.8 pixels a character of the font of 10.5 pixels.
    const spans = readableTicks(x, width).map(({ value, label }) => {
      const half = (label.length * 5.8) / 2;
      return { from: x(value) - half, to: x(value) + half };
    });
    expect(spans.length).toBeGreaterThan(0);
    expect(spans[0]!.from).toBeGreaterThanOrEqual(0);
    expect(spans.at(-1)!.to).toBeLessThanOrEqual(width);
    expect(spans.every(({ from }, i) => i === 0 || from > spans[i - 1]!.to)).toBe(true);
  }
});
