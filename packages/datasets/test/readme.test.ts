import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as datasets from '../src/index.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const AsyncFunction = (async () => {}).constructor as new (
  ...args: string[]
) => (...args: unknown[]) => Promise<void>;

describe('README', () => {
  it('has an example whose every printed line is what its comment says', async () => {
    const code = /```js\n([\s\S]*?)```/.exec(readme)![1]!;
    const expected = [...code.matchAll(/^ *console\.log\(.*\); \/\/ (.*)$/gm)].map(match => match[1]);
    const printed: string[] = [];
    const show = (value: unknown) => (Array.isArray(value) ? JSON.stringify(value) : String(value));
    const log = (...values: unknown[]) => printed.push(values.map(show).join(' '));
    const body = code.replace(/import (\{[^}]*\}) from '@ood\/datasets';/, 'const $1 = datasets;');
    await new AsyncFunction('datasets', 'console', body)(datasets, { log });
    expect(printed).toEqual(expected);
    expect(printed.length).toBeGreaterThan(5);
  });
});
