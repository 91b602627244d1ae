import { readFileSync } from 'node:fs';
import * as onnx from '@ood/onnx';
import * as check from '@ood/onnx/check';
import * as node from '@ood/onnx/node';
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
      .replace(/^import (\{[^}]*\}) from '@ood\/onnx\/check';$/m, 'const $1 = check;')
      .replace(/^import (\{[^}]*\}) from '@ood\/onnx\/node';$/m, 'const $1 = node;');
    const run = new Function(
      'onnx',
      'check',
      'node',
      'console',
      `'use strict'; return (async () => {\n${body}\n})();`,
    );
    await run(onnx, check, node, { log });
    expect(printed).toEqual(expected);
    expect(printed).toHaveLength(6);
  });
});
