import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

it.each(['@ood/onnx', '@ood/onnx/check'])(
  '%s builds for a browser: nothing of Node, no engine',
  async entry => {
    const { metafile } = await build({
      stdin: { contents: `export * from '${entry}';`, resolveDir: root },
      bundle: true,
      write: false,
      metafile: true,
      platform: 'browser',
      format: 'esm',
      conditions: ['@ood/source'],
      logLevel: 'silent',
    });
    expect(Object.keys(metafile.inputs).filter(path => /onnxruntime|tfjs/.test(path))).toEqual([]);
  },
);
