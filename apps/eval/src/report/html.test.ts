import { expect, it } from 'vitest';
import { percent } from './html.ts';

it.each([
  [0, '0.0'],
  [0.00001, '0.01'],
  [0.0004, '0.04'],
  [0.01, '1.0'],
  [0.98234, '98.2'],
  [0.9996, '99.96'],
  [0.99999, '99.99'],
  [1, '100.0'],
])('shows %d as %s percent, and only certainty as certain', (fraction, text) => {
  expect(percent(fraction)).toBe(text);
});
