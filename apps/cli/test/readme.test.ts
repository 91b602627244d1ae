import { readFileSync } from 'node:fs';
import { hashPreprocessing, parsePreprocessing } from '@ood/features';
import { expect, it } from 'vitest';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

it('the preprocessing that the README shows is the one of the guard that it shows', () => {
  const [, json] = /```json\n([\s\S]*?)```/.exec(readme)!;
  const [, shown] = /locked, SHA-256 ([0-9a-f]+)…/.exec(readme)!;
  expect(hashPreprocessing(parsePreprocessing(JSON.parse(json!))).slice(0, shown!.length)).toBe(shown);
});
