import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type DenseArray, encodeNpy } from '@ood/core';
import { writeWholeFile } from '@ood/core/node';
import { expect, it } from 'vitest';
import * as api from '../src/index.ts';

const writeNpy = (path: string, array: DenseArray) => writeWholeFile(path, encodeNpy(array));

const root = new URL('../', import.meta.url);

it('has an example that runs on a folder of .npy files and writes its report', async () => {
  const readme = await readFile(new URL('README.md', root), 'utf8');
  const code = /```ts\n([\s\S]*?)```/.exec(readme)![1];
  // Inside the package, so that the example's imports resolve as a user's would.
  const folder = await mkdtemp(join(root.pathname, '.example-'));
  const before = process.cwd();
  try {
    const features = join(folder, 'cifar10', 'features');
    await mkdir(features, { recursive: true });
    for (const [index, set] of ['id-train', 'id-test', 'ood-tinyimagenet', 'ood-mnist'].entries()) {
      const data = Float32Array.from(
        { length: 400 },
        (_, i) => Math.sin(i * i + index) + (i % 4 === index ? index : 0),
      );
      await writeNpy(join(features, `${set}.features.npy`), { shape: [100, 4], data });
      const labels = Int32Array.from({ length: 100 }, (_, i) => i % 2);
      await writeNpy(join(features, `${set}.labels.npy`), { shape: [100], data: labels });
    }
    const file = join(folder, 'example.ts');
    await writeFile(file, code!.replaceAll("'@ood/eval'", "'../src/index.ts'"));
    process.chdir(folder);
    await import(pathToFileURL(file).href);
    expect((await readdir(join(folder, 'run'))).sort()).toEqual(['report.html', 'results.json']);
  } finally {
    process.chdir(before);
    await rm(folder, { recursive: true });
  }
});

it('names every exported function in the README or the guide', async () => {
  const pages = ['README.md', '../../docs/guide/eval.md'].map(page => readFile(new URL(page, root), 'utf8'));
  const text = (await Promise.all(pages)).join('\n');
  const functions = Object.entries(api).filter(([, value]) => typeof value === 'function');
  expect(functions.map(([name]) => name).filter(name => !text.includes(name))).toEqual([]);
});
