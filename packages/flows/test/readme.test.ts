import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as flows from '../src/index.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

describe('README', () => {
  it('has an example whose every printed line is what its comment says', async () => {
    const code = /```js\n([\s\S]*?)```/.exec(readme)![1]!;
    const expected = [...code.matchAll(/^console\.log\(.*\); \/\/ (.*)$/gm)].map(match => match[1]);
    const printed: string[] = [];
    const log = (...values: unknown[]) => printed.push(values.map(String).join(' '));
    const body = code.replace(/^import (\{[^}]*\}) from '@ood\/flows';$/m, 'const $1 = flows;');
    const run = new Function('flows', 'console', `'use strict'; return (async () => {\n${body}\n})();`);
    await run(flows, { log });
    expect(printed).toEqual(expected);
    expect(printed).toHaveLength(4);
  });

  it('names every exported function', () => {
    const functions = Object.entries(flows).filter(([, value]) => typeof value === 'function');
    const missing = functions.map(([name]) => name).filter(name => !readme.includes(`\`${name}`));
    expect(missing).toEqual([]);
  });
});
