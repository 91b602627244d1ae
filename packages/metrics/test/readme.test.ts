import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as metrics from '../src/index.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

describe('README', () => {
  it('has an example whose every printed line is what its comment says', () => {
    const code = /```js\n([\s\S]*?)```/.exec(readme)![1]!;
    const expected = [...code.matchAll(/^console\.log\(.*\); \/\/ (.*)$/gm)].map(match => match[1]);
    const printed: string[] = [];
    const log = (...values: unknown[]) => printed.push(values.map(String).join(' '));
    const body = code.replace(/^import (\{[^}]*\}) from '@ood\/metrics';$/m, 'const $1 = metrics;');
    new Function('metrics', 'console', `'use strict';\n${body}`)(metrics, { log });
    expect(printed).toEqual(expected);
    expect(printed.length).toBeGreaterThan(5);
  });
});
