import { readFileSync } from 'node:fs';
import * as core from '@ood/core';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import * as flows from '../src/index.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

describe('README', () => {
  const [first, bijection, preset] = [...readme.matchAll(/```js\n([\s\S]*?)```/g)].map(match => match[1]!);

  it.each([
    ['a quick start', first!, 4],
    ['a bijection and a preset of one’s own', bijection! + preset!, 1],
  ])('has %s whose every printed line is what its comment says', async (_, code, lines) => {
    const expected = [...code.matchAll(/^console\.log\(.*\); \/\/ (.*)$/gm)].map(match => match[1]);
    const printed: string[] = [];
    const log = (...values: unknown[]) => printed.push(values.map(String).join(' '));
    const body = code
      .replaceAll(/^import (\{[^}]*\}) from '@ood\/(flows|core)';$/gm, 'const $1 = $2;')
      .replace(/^import \* as tf from '@tensorflow\/tfjs';$/m, '');
    const run = new Function(
      'flows',
      'core',
      'tf',
      'console',
      `'use strict'; return (async () => {\n${body}\n})();`,
    );
    await run(flows, core, tf, { log });
    expect(printed).toEqual(expected);
    expect(printed).toHaveLength(lines);
  });

  it('names every exported function', () => {
    const functions = Object.entries(flows).filter(([, value]) => typeof value === 'function');
    const missing = functions.map(([name]) => name).filter(name => !readme.includes(`\`${name}`));
    expect(missing).toEqual([]);
  });
});
