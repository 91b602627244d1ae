import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Results } from '@ood/eval';
import { EXIT } from '@ood/terminal';
import { memoryIo } from '@ood/terminal/testing';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserSkipReason, chromiumFlags, chromiumPath } from '../../../tooling/vitest/chromium.ts';
import { main } from '../src/main.ts';

const MINUTES = 60_000;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ood-demo-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('ood demo', () => {
  let results: Results;
  const out = () => join(folder, 'run');

  it(
    'prints one JSON document and nothing else, and writes the report, the results and the flow',
    async () => {
      const { io, written } = memoryIo({ terminal: true });
      expect(await main(['demo', '--out', out(), '--json'], io), written.stderr).toBe(EXIT.ok);
      expect(written.stderr).toBe('');
      results = JSON.parse(written.stdout);
      expect((await readdir(out())).sort()).toEqual(['flow.safetensors', 'report.html', 'results.json']);
      expect(await readFile(join(out(), 'results.json'), 'utf8')).toBe(written.stdout);
    },
    5 * MINUTES,
  );

  it('classifies letters of unseen families with at least 95 % accuracy', () => {
    expect(results.idAccuracy?.value).toBeGreaterThanOrEqual(0.95);
    expect(results.benchmark.featureDim).toBeGreaterThanOrEqual(64);
  });

  it('compares the flow with four baselines on sets from near to far, with intervals and costs', () => {
    expect(results.detectors.map(({ detector }) => detector)).toEqual([
      'FDE',
      'MSP',
      'Energy',
      'KNN',
      'Mahalanobis++',
    ]);
    for (const { sets, mean, scoreMicroseconds } of results.detectors) {
      expect(sets.length).toBeGreaterThanOrEqual(6);
      expect(scoreMicroseconds).toBeGreaterThan(0);
      expect([mean.near, mean.far]).toEqual([expect.anything(), expect.anything()]);
      for (const { auroc } of sets) {
        expect(auroc.low).toBeLessThanOrEqual(auroc.value);
        expect(auroc.high).toBeGreaterThanOrEqual(auroc.value);
      }
    }
  });

  it('detects far-OOD by density better than by the confidence of the classifier', () => {
    const [fde, msp] = results.detectors;
    expect(fde!.mean.far!.auroc).toBeGreaterThan(0.9);
    expect(fde!.mean.far!.auroc).toBeGreaterThan(msp!.mean.far!.auroc);
  });

  it('writes a report whose plots a browser shows', async context => {
    if (browserSkipReason !== undefined) return context.skip(browserSkipReason);
    const browser = await chromium.launch({ executablePath: chromiumPath, args: chromiumFlags });
    try {
      const page = await browser.newPage();
      await page.goto(pathToFileURL(join(out(), 'report.html')).href);
      const sets = results.detectors[0]!.sets.length;
      expect(await page.locator('svg.roc:visible path.series').count()).toBe(4);
      await page.getByRole('button', { name: 'all sets' }).click();
      expect(await page.locator('svg.roc:visible').count()).toBe(sets);
      expect(await page.locator('svg.histogram:visible').count()).toBe(sets);
      expect(await page.locator('#strips canvas').count()).toBe(24 * (sets + 1));
      expect(await page.locator('svg.histogram:visible path.ood').first().boundingBox()).toMatchObject({
        width: expect.any(Number),
      });
    } finally {
      await browser.close();
    }
  });

  it(
    'leaves no file under a final name when it is interrupted, and returns 130',
    async () => {
      const { io, written, abort } = memoryIo();
      const target = join(folder, 'interrupted');
      const running = main(['demo', '--out', target], io);
      setTimeout(abort, 1500);
      expect(await running, written.stderr).toBe(EXIT.interrupted);
      expect(written.stderr).toContain('interrupted');
      expect(written.stdout).toBe('');
      expect(await readdir(target).catch(() => [])).toEqual([]);
    },
    MINUTES,
  );
});
