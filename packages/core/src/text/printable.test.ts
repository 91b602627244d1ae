import fc from 'fast-check';
import { expect, it } from 'vitest';
import { printable } from './printable.ts';

it.each([
  ['a\nb\rc\td', 'a\\x0ab\\x0dc\\x09d'],
  ['\u001b]52;c;ZXZpbA==\u0007', '\\x1b]52;c;ZXZpbA==\\x07'],
  ['\u009b2J\u007f', '\\x9b2J\\x7f'],
  ['cat\u202egnp.exe\u2066\u200f', 'cat\\u202egnp.exe\\u2066\\u200f'],
  ['line\u2028paragraph\u2029', 'line\\u2028paragraph\\u2029'],
  ['Käse 猫 👩‍👩‍👧 naïve – “quoted”', 'Käse 猫 👩‍👩‍👧 naïve – “quoted”'],
])('shows %j as it is safe to', (text, shown) => {
  expect(printable(text)).toBe(shown);
});

it('says how long a text was whose end it leaves out', () => {
  expect(printable('x'.repeat(12), 10)).toBe(`${'x'.repeat(10)}… (12 characters)`);
});

it('is one line without control characters, whatever it is given, and leaves what it gave alone', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), text => {
      const shown = printable(text);
      expect(shown).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u);
      expect(printable(shown)).toBe(shown);
    }),
  );
});
