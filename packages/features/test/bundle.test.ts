import { fileURLToPath } from 'node:url';
import vm from 'node:vm';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { preparePixels, preset } from '../src/index.ts';

/** A bundle for browsers, as a script that leaves its result in `result`. */
async function bundle(code: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: fileURLToPath(new URL('..', import.meta.url)) },
    bundle: true,
    minify: true,
    format: 'iife',
    platform: 'browser',
    conditions: ['@ood/source'],
    write: false,
  });
  return outputFiles[0]!.text;
}

test('preprocessing bundles for a browser and gives the same pixels there', async () => {
  const side = 60;
  const image = {
    width: side,
    height: side,
    channels: 3,
    data: Uint8Array.from({ length: side * side * 3 }, (_, i) => (i * 37) % 251),
  };
  const overrides = { crop: { width: 32, height: 32, rounding: 'half-even' as const } };
  const script = await bundle(`
    import { imagePreparer, preparePixels, preset } from '@ood/features/preprocessing';
    const preprocessing = preset('imagenet', ${JSON.stringify(overrides)});
    const pixels = preparePixels(image, preprocessing);
    result.pixels = [...pixels.data];
    result.dims = imagePreparer(preprocessing)(image).dims;
  `);
  const result: { pixels?: number[]; dims?: number[] } = {};
  // What every page has, and nothing of Node's.
  vm.runInNewContext(script, { image, result, atob, TextEncoder, TextDecoder });
  expect(result.dims).toEqual([3, 32, 32]);
  expect(result.pixels).toEqual([...preparePixels(image, preset('imagenet', overrides)).data]);
  expect(script.length).toBeLessThan(40_000);
});
