import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Session, Tensor } from '@ood/onnx';
import { nodeRuntime } from '@ood/onnx/node';
import { build } from 'esbuild';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserSkipReason, chromiumFlags, chromiumPath } from '../../../tooling/vitest/chromium.ts';
import { exportGuard } from '../src/index.ts';
import { useGlyphGuard } from './glyph-guard.ts';
import { glyphs } from './glyphs.ts';

/** A page that runs the exported file in onnxruntime-web, and nothing of ours but the runtime. */
const page = `
import { webRuntime } from '@ood/onnx/web';
globalThis.judge = async (values, rows) => {
  const bytes = new Uint8Array(await (await fetch('guard.onnx')).arrayBuffer());
  const session = await webRuntime.createSession(bytes);
  const image = { type: 'float32', dims: [rows, 1, 28, 28], data: Float32Array.from(values) };
  const outputs = await session.run({ image });
  await session.close();
  const plain = Object.entries(outputs).map(([name, { data }]) => [name, Array.from(data, Number)]);
  return { ...Object.fromEntries(plain), engine: webRuntime.name };
};`;

const context = useGlyphGuard({ detector: 'fde', detectorOptions: { epochs: 2 } });

// Skipped where there is no browser (see tooling/vitest/chromium.ts).
describe.skipIf(browserSkipReason)('an exported guard in headless Chromium', () => {
  let server: Server;
  let browser: Browser;
  let session: Session;
  beforeAll(async () => {
    const file = join(context.folder, 'guard.onnx');
    await exportGuard(context.path, file);
    session = await nodeRuntime.createSession(file);
    const { outputFiles } = await build({
      stdin: { contents: page, resolveDir: import.meta.dirname },
      bundle: true,
      write: false,
      platform: 'browser',
      format: 'esm',
      conditions: ['@ood/source'],
      logLevel: 'silent',
    });
    const dist = new URL('.', import.meta.resolve('onnxruntime-web/wasm'));
    server = createServer(async (request, response) => {
      const name = request.url!.slice(1);
      const send = (type: string, body: string | Uint8Array) =>
        response.setHeader('content-type', type).end(body);
      if (name === '') return send('text/html', '<script type="module" src="page.js"></script>');
      if (name === 'page.js') return send('text/javascript', outputFiles[0]!.text);
      if (name === 'guard.onnx') return send('application/octet-stream', await readFile(file));
      if (!/^ort[\w.-]+\.(wasm|mjs)$/.test(name)) return response.writeHead(404).end();
      const type = name.endsWith('.wasm') ? 'application/wasm' : 'text/javascript';
      return send(type, await readFile(new URL(name, dist)));
    });
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    browser = await chromium.launch({
      headless: true,
      args: chromiumFlags,
      ...(chromiumPath !== undefined && { executablePath: chromiumPath }),
    });
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    server?.close();
    await session?.close();
  });

  it('says what it says in Node', async () => {
    const values: number[] = [];
    let rows = 0;
    for (const set of ['test', 'textures']) {
      for await (const { pixels } of glyphs(set, 300)) {
        for (const value of pixels.data) values.push(Math.fround(value / 255));
        rows++;
      }
    }
    const tab = await browser.newPage();
    await tab.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await tab.waitForFunction('globalThis.judge');
    const said = await tab.evaluate<Record<string, number[]> & { engine: string }>(
      `judge(${JSON.stringify(values)}, ${rows})`,
    );
    const image: Tensor = { type: 'float32', dims: [rows, 1, 28, 28], data: Float32Array.from(values) };
    const expected = await session.run({ image });
    expect(said.engine).toBe('onnxruntime-web');
    expect(said.is_ood).toEqual(Array.from(expected.is_ood!.data as Uint8Array));
    expect(new Set(said.is_ood)).toEqual(new Set([0, 1]));
    for (const name of ['logits', 'score'] as const) {
      const wanted = expected[name]!.data as Float32Array;
      const largest = Math.max(...wanted.map(Math.abs));
      for (const [i, value] of wanted.entries()) {
        expect(Math.abs(said[name]![i]! - value)).toBeLessThan(1e-4 * largest);
      }
    }
    for (const [i, value] of (expected.p_value!.data as Float32Array).entries()) {
      expect(Math.abs(said.p_value![i]! - value)).toBeLessThan(0.002);
    }
  }, 180_000);
});
