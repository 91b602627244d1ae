import { readFileSync } from 'node:fs';
import * as onnx from '@ood/onnx';
import * as node from '@ood/onnx/node';
import * as web from '@ood/onnx/web';
import { describe, expect, it } from 'vitest';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

describe('README', () => {
  it('has an example whose every printed line is what its comment says', async () => {
    const code = /## Example\n\n```js\n([\s\S]*?)```/.exec(readme)![1]!;
    const expected = [...code.matchAll(/console\.log\(.*\)\)?; \/\/ (.*)$/gm)].map(match => match[1]);
    const printed: string[] = [];
    const log = (...values: unknown[]) => printed.push(values.map(String).join(' '));
    const body = code
      .replace(/^import (\{[^}]*\}) from '@ood\/onnx';$/m, 'const $1 = onnx;')
      .replace(/^import (\{[^}]*\}) from '@ood\/onnx\/node';$/m, 'const $1 = node;');
    const run = new Function(
      'onnx',
      'node',
      'console',
      `'use strict'; return (async () => {\n${body}\n})();`,
    );
    await run(onnx, node, { log });
    expect(printed).toEqual(expected);
    expect(printed).toHaveLength(6);
  });

  it('names every exported function', () => {
    const functions = Object.entries({ ...onnx, ...node, ...web }).filter(
      ([, value]) => typeof value === 'function',
    );
    expect(functions.map(([name]) => name).filter(name => !readme.includes(`\`${name}`))).toEqual([]);
  });
});
