import { readFileSync } from 'node:fs';
import { hashPreprocessing, parsePreprocessing } from '@ood/features';
import { expect, it } from 'vitest';

const guide = readFileSync(new URL('../../../docs/guide/cli.md', import.meta.url), 'utf8');

it('the preprocessing that the guide shows is the one of the guard that it shows', () => {
  const [, json] = /```json\n([\s\S]*?)```/.exec(guide)!;
  const [, shown] = /locked, SHA-256 ([0-9a-f]+)…/.exec(guide)!;
  expect(hashPreprocessing(parsePreprocessing(JSON.parse(json!))).slice(0, shown!.length)).toBe(shown);
});
