import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, onTestFinished, test } from 'vitest';
import * as features from '../src/index.ts';
import { modelOf, node, random } from './backbone/models.ts';
import { temporaryFolder } from './temporary.ts';

const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');

/** A classifier of ten classes over 32×32 images, and a folder of three images and a broken one. */
async function setUp(folder: string): Promise<void> {
  const model = modelOf({
    inputs: [{ name: 'image', type: 'float32', dims: ['batch', 3, 32, 32] }],
    nodes: [
      node('Conv', ['image', 'K'], ['c'], { kernel_shape: [3n, 3n], pads: [1n, 1n, 1n, 1n] }),
      node('Relu', ['c'], ['r']),
      node('GlobalAveragePool', ['r'], ['p']),
      node('Flatten', ['p'], ['f']),
      node('Gemm', ['f', 'W', 'b'], ['y'], { transB: 1n }),
    ],
    initializers: { K: random([4, 3, 3, 3], 1), W: random([10, 4], 2), b: random([10], 3) },
  });
  await writeFile(join(folder, 'model.onnx'), model);
  await mkdir(join(folder, 'photos'));
  for (const [i, name] of ['a.png', 'b.png', 'c.png'].entries()) {
    const background = { r: 40 * i, g: 200, b: 90 };
    const image = sharp({ create: { width: 60, height: 40 + i, channels: 3, background } });
    await image.toFile(join(folder, 'photos', name));
  }
  const whole = await sharp({ create: { width: 60, height: 40, channels: 3, background: '#345' } })
    .jpeg()
    .toBuffer();
  await writeFile(join(folder, 'photos', 'broken.jpg'), whole.subarray(0, whole.length - 40));
}

describe('README', () => {
  test('has an example whose every printed line is what its comment says', async () => {
    const folder = await temporaryFolder();
    await setUp(folder);
    const before = process.cwd();
    onTestFinished(() => process.chdir(before));
    process.chdir(folder);

    const code = /## Example\n\n<!--.*-->\n\n```js\n([\s\S]*?)```/.exec(readme)![1]!;
    const expected = [...code.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map(match => match[1]);
    const printed: string[] = [];
    const log = (...values: unknown[]) => printed.push(values.map(String).join(' '));
    const body = code
      .replace(/^import (\{[^}]*\}) from '@ood\/features';$/m, 'const $1 = features;')
      .replace(/^import (\{[^}]*\}) from 'node:fs\/promises';$/m, 'const $1 = fs;');
    const run = new Function(
      'features',
      'fs',
      'console',
      `'use strict'; return (async () => {\n${body}\n})();`,
    );
    await run(features, await import('node:fs/promises'), { log });
    expect(printed).toEqual(expected);
    expect(printed).toHaveLength(5);
  });
});
