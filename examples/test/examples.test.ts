import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createRandom, decodeNpy, encodeNpy } from '@ood/core';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeFixtures } from '../../tooling/docs/fixtures.ts';
import { browserSkipReason, chromiumFlags, chromiumPath } from '../../tooling/vitest/chromium.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ood-examples-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** What an example prints, run as a user runs it, in a folder of the test's. */
async function run(example: string, ...args: string[]): Promise<string[]> {
  const program = new URL(`../${example}`, import.meta.url).pathname;
  const node = ['--conditions=@ood/source', '--import', import.meta.resolve('tsx')];
  const { stdout } = await promisify(execFile)(process.execPath, [...node, program, ...args], {
    cwd: folder,
  });
  return stdout.trimEnd().split('\n');
}

describe('metrics-alone', () => {
  it('prints figures, a comparison and a guarantee', async () => {
    const [auroc, accepted, better, rejected, guarantee] = await run('metrics-alone.ts');
    expect(auroc).toMatch(/^AUROC 9\d\.\d %, between 9\d\.\d % and 9\d\.\d %$/);
    expect(accepted).toMatch(/: [3-5]\d\.\d %$/);
    expect(better).toMatch(/^The first detector is better, by [3-9]\.\d %$/);
    expect(rejected).toMatch(/: [2-8]\.\d %/);
    expect(guarantee).toContain('500');
  });
});

describe('flow-on-vectors', () => {
  it('learns where points are, and leaves a file', async () => {
    const lines = await run('flow-on-vectors.ts');
    expect(lines.join('\n')).toMatch(/Trained for \d+ steps/);
    expect(lines.join('\n')).toMatch(/less likely than (99\.\d|100\.0) % of the points/);
    expect(lines).toContain('Drew 5 new points of 2 numbers');
    expect((await stat(join(folder, 'flow.onnx'))).size).toBeGreaterThan(1000);
  });
});

describe('guard-of-texts', () => {
  it('tells queries out of scope', async () => {
    const place = join(folder, 'texts');
    await writeFixtures(place);
    const texts = ['texts/intents', 'texts/queries.jsonl', 'texts/unseen.jsonl'];
    const questions = ['what is my savings account balance', 'play a guitar song of the dragon'];
    expect(await run('guard-of-texts.ts', ...texts, ...questions)).toEqual([
      'Calibrated on 200 queries',
      `${questions[0]}: balance`,
      `${questions[1]}: OUT of scope`,
      'Exported intents.onnx',
    ]);
  });
});

describe('own-bijection', () => {
  it('holds to the laws, learns, and loads from its own file', async () => {
    expect(await run('own-bijection.ts')).toEqual([
      expect.stringMatching(/^Holds to all \d+ laws$/),
      'Training made unseen rows more likely',
      'Saved and loaded it scores the same',
    ]);
  });
});

describe('own-detector', () => {
  it('scores, and loads from its own file', async () => {
    expect(await run('own-detector.ts')).toEqual([
      'An input far away scores more than twice as much',
      'Saved and loaded it scores like ours',
    ]);
  });
});

describe('model-to-guard, and its page', () => {
  it('guards the model of the glyphs, and the page says what Node says', async () => {
    await writeFixtures(folder);
    const lines = await run('model-to-guard.ts', 'model.onnx', 'train', 'unseen', 'photo.png', 'cross.png');
    expect(lines[0]).toMatch(/^Calibrated on \d+ images$/);
    expect(lines[1]).toMatch(/^photo\.png: in distribution, class [A-J], p = 0\.\d+$/);
    expect(lines[2]).toMatch(/^cross\.png: OUT of distribution, p = 0\.0\d+$/);
    expect(lines[3]).toBe('Exported guard.onnx');
  });

  it.skipIf(browserSkipReason)('says in a page what it says in Node', async () => {
    const site = new URL('../guard-in-a-page/', import.meta.url).pathname;
    const { outputFiles } = await build({
      entryPoints: [join(site, 'page.ts')],
      bundle: true,
      write: false,
      format: 'esm',
      platform: 'browser',
      conditions: ['@ood/source'],
      logLevel: 'silent',
    });
    const runtime = new URL('.', import.meta.resolve('onnxruntime-web/wasm')).pathname;
    const files: Record<string, () => Promise<Uint8Array> | Uint8Array> = {
      '/': () => readFile(join(site, 'index.html')),
      '/page.js': () => outputFiles[0]!.contents,
      '/guard.onnx': () => readFile(join(folder, 'guard.onnx')),
    };
    const server = createServer(async (request, response) => {
      const name = request.url ?? '';
      const file =
        files[name] ??
        (/^\/ort[\w.-]+\.(wasm|mjs)$/.test(name) ? () => readFile(join(runtime, name)) : undefined);
      if (file === undefined) return response.writeHead(404).end();
      const type = { html: 'text/html', wasm: 'application/wasm', onnx: 'application/octet-stream' }[
        name.split('.')[1] ?? 'html'
      ];
      return response.setHeader('content-type', type ?? 'text/javascript').end(await file());
    });
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    const browser = await chromium.launch({
      args: chromiumFlags,
      ...(chromiumPath !== undefined && { executablePath: chromiumPath }),
    });
    try {
      const page = await browser.newPage();
      await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
      await page.waitForFunction("document.querySelector('#verdict').value === 'Choose a picture.'");
      for (const [file, verdict] of [
        ['photo.png', /^Yes: in distribution \(score -?\d+\.\d+, p = 0\.\d+\)$/],
        ['cross.png', /^No: out of distribution/],
      ] as const) {
        await page.setInputFiles('#file', join(folder, file));
        await page.waitForFunction(
          `/^${file === 'photo.png' ? 'Yes' : 'No'}:/.test(document.querySelector('#verdict').value)`,
        );
        expect(await page.inputValue('#verdict').catch(() => page.textContent('#verdict'))).toMatch(verdict);
      }
    } finally {
      await browser.close();
      server.close();
    }
  });
});

describe('features-from-python', () => {
  it('scores arrays of the layout that save_features.py writes', async () => {
    const random = createRandom('features');
    const dims = { features: 16, logits: 4 };
    for (const [set, shift] of [
      ['id-train', 0],
      ['id-test', 0],
      ['ood', 3],
    ] as const)
      for (const [kind, cols] of Object.entries(dims)) {
        const data = Float32Array.from(
          { length: 200 * cols },
          (_, i) => random.normal() + (shift !== 0 && i % 2 ? -shift : 2),
        );
        await writeFile(join(folder, `${set}.${kind}.npy`), encodeNpy({ shape: [200, cols], data }));
      }
    const [auroc] = await run('features-from-python/score.ts', folder);
    expect(auroc).toMatch(/^AUROC (9\d\.\d|100\.0) %$/);
    const scores = decodeNpy(await readFile(join(folder, 'ood.scores.npy')), 'ood.scores.npy');
    expect(scores.shape).toEqual([200]);
  });
});
