import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { encodeModel } from '@ood/onnx';
import { type BuildResult, build } from 'esbuild';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { modelOf, node, random, run } from './models.ts';

/** A page that reads a model, cuts it, runs it, and leaves the result where the test finds it. */
const page = `
import { cutModel, decodeModel, encodeModel } from '@ood/onnx';
import { webRuntime } from '@ood/onnx/web';
globalThis.score = async values => {
  const model = decodeModel(new Uint8Array(await (await fetch('model.onnx')).arrayBuffer()));
  const session = await webRuntime.createSession(encodeModel(cutModel(model, { outputs: ['h', 'y'] })));
  const x = { type: 'float32', dims: [values.length / 2, 2], data: Float32Array.from(values) };
  const { h, y } = await session.run({ x });
  await session.close();
  return { h: Array.from(h.data), y: Array.from(y.data), engine: webRuntime.name };
};`;

async function bundle(external: string[] = []): Promise<BuildResult<{ write: false; metafile: true }>> {
  return build({
    stdin: { contents: page, resolveDir: import.meta.dirname },
    bundle: true,
    write: false,
    metafile: true,
    platform: 'browser',
    format: 'esm',
    conditions: ['@ood/source'],
    external,
    logLevel: 'silent',
  });
}

describe('a bundle for browsers', () => {
  it('needs no module that is not in it', async () => {
    const { metafile } = await bundle();
    expect(Object.values(metafile.outputs).flatMap(output => output.imports)).toEqual([]);
    const inputs = Object.keys(metafile.inputs);
    expect(inputs.filter(path => /onnxruntime-node|src\/node\//.test(path))).toEqual([]);
    expect(inputs.filter(path => /onnxruntime-web/.test(path))).toHaveLength(1);
  });

  it('has no code for Node, apart from what onnxruntime-web itself keeps for it', async () => {
    const { outputFiles } = await bundle(['onnxruntime-web/wasm']);
    expect(outputFiles[0]!.text).not.toMatch(/["']node:|\brequire\(/);
  });
});

const executablePath = process.env.OOD_CHROMIUM ?? '/usr/bin/chromium';
const required = process.env.OOD_REQUIRE_BROWSER === '1';
const model = modelOf({
  nodes: [node('MatMul', ['x', 'W'], ['h']), node('Softplus', ['h'], ['y'])],
  initializers: { W: random([2, 5]) },
});

// Skipped where there is no Chromium at OOD_CHROMIUM or /usr/bin/chromium, unless OOD_REQUIRE_BROWSER=1.
describe.skipIf(!required && !existsSync(executablePath))('headless Chromium', () => {
  let server: Server;
  let browser: Browser;
  beforeAll(async () => {
    const { outputFiles } = await bundle();
    const dist = new URL('.', import.meta.resolve('onnxruntime-web/wasm'));
    server = createServer(async (request, response) => {
      const name = request.url!.slice(1);
      if (name === '')
        return response
          .setHeader('content-type', 'text/html')
          .end('<script type="module" src="page.js"></script>');
      if (name === 'model.onnx') return response.end(encodeModel(model));
      if (name === 'page.js')
        return response.setHeader('content-type', 'text/javascript').end(outputFiles[0]!.text);
      if (!/^ort[\w.-]+\.(wasm|mjs)$/.test(name)) return response.writeHead(404).end();
      response.setHeader('content-type', name.endsWith('.wasm') ? 'application/wasm' : 'text/javascript');
      return response.end(await readFile(new URL(name, dist)));
    });
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    const flags =
      'no-sandbox disable-gpu no-first-run disable-background-networking disable-component-update disable-sync';
    browser = await chromium.launch({
      executablePath,
      headless: true,
      args: flags.split(' ').map(flag => `--${flag}`),
    });
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  it('scores a graph as Node does', async () => {
    const tab = await browser.newPage();
    const errors: string[] = [];
    tab.on('pageerror', error => errors.push(error.message));
    tab.on('console', message => errors.push(message.text()));
    await tab.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await tab.waitForFunction('globalThis.score');
    const x = random([4, 2], 7);
    const result = await tab.evaluate<{ h: number[]; y: number[]; engine: string }>(
      `score(${JSON.stringify([...x.data])})`,
    );
    expect(errors.filter(text => !text.includes('favicon') && !text.includes('404'))).toEqual([]);
    const expected = await run(
      modelOf({ nodes: model.graph!.node, initializers: { W: random([2, 5]) }, outputs: ['h', 'y'] }),
      { x },
    );
    expect(result.engine).toBe('onnxruntime-web');
    for (const name of ['h', 'y'] as const) {
      expect(result[name]).toHaveLength(20);
      for (const [i, value] of (expected[name]!.data as Float32Array).entries())
        expect(result[name][i]).toBeCloseTo(value, 5);
    }
  }, 60_000);
});
