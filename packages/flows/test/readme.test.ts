import { readFileSync } from 'node:fs';
import * as core from '@ood/core';
import { expect, it } from 'vitest';
import * as flows from '../src/index.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

// The guides' examples are run from the packed tarballs, by tooling/docs/run-examples.ts.
it('has a quick start whose every printed line is what its comment says', async () => {
  const code = /```js\n([\s\S]*?)```/.exec(readme)![1]!;
  const expected = [...code.matchAll(/^console\.log\(.*\); \/\/ (.*)$/gm)].map(match => match[1]);
  const printed: string[] = [];
  const log = (...values: unknown[]) => printed.push(values.map(String).join(' '));
  const body = code.replaceAll(/^import (\{[^}]*\}) from '@ood\/(flows|core)';$/gm, 'const $1 = $2;');
  const run = new Function('flows', 'core', 'console', `'use strict'; return (async () => {\n${body}\n})();`);
  await run(flows, core, { log });
  expect(printed).toEqual(expected);
  expect(printed).toHaveLength(4);
});
