import { expect, it } from 'vitest';
import { escapeHtml } from './html.ts';
import { percent } from './percent.ts';

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

it.each([
  [`<img src=x onerror='a()'>"&`, '&lt;img src=x onerror=&#39;a()&#39;&gt;&quot;&amp;'],
  ['cat\u202egnp.exe', 'cat\\u202egnp.exe'],
  ['a\nb\u001b]52;c;x\u0007', 'a\\x0ab\\x1b]52;c;x\\x07'],
  ['Käse 猫 👩‍👩‍👧', 'Käse 猫 👩‍👩‍👧'],
])('makes %j safe for a page', (text, safe) => {
  expect(escapeHtml(text)).toBe(safe);
});
