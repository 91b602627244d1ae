import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';

/** What a bundler makes of these imports for a browser, minified: bytes. Node's modules would be an error. */
async function bundled(names: string): Promise<number> {
  const { outputFiles } = await build({
    stdin: {
      contents: `export ${names} from './src/index.ts';`,
      resolveDir: fileURLToPath(new URL('..', import.meta.url)),
    },
    bundle: true,
    conditions: ['@ood/source'],
    format: 'esm',
    minify: true,
    platform: 'browser',
    write: false,
  });
  return outputFiles[0]!.contents.length;
}

describe('a bundle for the browser', () => {
  it.each(['auroc', 'detectionMetrics', 'fprAtTpr', 'averagePrecisionOod', 'rocCurve', 'selectiveRisk'])(
    'of %s alone is below 5 kB',
    async name => {
      expect(await bundled(`{ ${name} }`)).toBeLessThan(5000);
    },
  );

  // The Beta and normal distributions, and more to say about wrong input.
  it.each(['conformalThreshold', 'pacThreshold', 'delong'])('of %s alone is below 7 kB', async name => {
    expect(await bundled(`{ ${name} }`)).toBeLessThan(7000);
  });

  it('of all there is builds', async () => {
    expect(await bundled('*')).toBeGreaterThan(10_000);
  });
});
