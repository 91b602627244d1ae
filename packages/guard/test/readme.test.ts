import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { preset } from '@ood/features';
import { expect, it } from 'vitest';
import * as guardPackage from '../src/index.ts';
import { glyphs, glyphsModel } from './glyphs.ts';

it('runs the example of the README', async () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const code = /```ts\n([\s\S]*?)```/.exec(readme)![1]!.replace(/^import .*$/m, '');
  const folder = await mkdtemp(join(tmpdir(), 'ood-readme-'));
  try {
    const given = {
      ...guardPackage,
      preset,
      out: join(folder, 'guard'),
      file: join(folder, 'guard.onnx'),
      model: glyphsModel,
      trainingImages: glyphs('train', 8),
      unseenImages: glyphs('validation', 8),
      image: (await glyphs('test').read(5)).pixels,
    };
    const AsyncFunction = (async () => {}).constructor as FunctionConstructor;
    const body = `${code}\nreturn { isOod, score, pValue, prediction, nearestClass, features, density };`;
    const said = await new AsyncFunction(...Object.keys(given), body)(...Object.values(given));
    expect(said).toMatchObject({
      isOod: expect.any(Boolean),
      prediction: { name: expect.stringMatching(/^[A-J]$/) },
    });
    expect((await readdir(folder)).sort()).toEqual(['guard', 'guard.onnx', 'guard.onnx.parity.json']);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
