import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { expect, it } from 'vitest';
import { browserSkipReason, chromiumFlags, chromiumPath } from '../../../tooling/vitest/chromium.ts';
import { renderReport, runBenchmark, writeRun } from '../src/index.ts';
import { contestants, syntheticBenchmark } from './synthetic-benchmark.ts';

it('opens from disk without network, shows the plots and switches between detectors', async context => {
  if (browserSkipReason !== undefined) return context.skip(browserSkipReason);
  const folder = await mkdtemp(join(tmpdir(), 'ood-report-'));
  const browser = await chromium.launch({ executablePath: chromiumPath, args: chromiumFlags });
  try {
    const benchmark = syntheticBenchmark();
    const run = await runBenchmark(benchmark, contestants, { now: () => performance.now() });
    const [path] = await writeRun(folder, { 'report.html': await renderReport({ ...run, benchmark }) });
    const page = await browser.newPage();
    const requests: string[] = [];
    const errors: string[] = [];
    page.on('request', request => requests.push(request.url()));
    page.on('pageerror', error => errors.push(error.message));
    await page.goto(pathToFileURL(path!).href);

    expect(await page.title()).toContain('synthetic <rows>');
    expect(await page.locator('table.detection tbody tr').count()).toBe(2);
    expect(await page.locator('svg.roc:visible').count()).toBe(2);
    const visible = page.locator('svg.histogram:visible');
    expect(await visible.count()).toBe(2);
    expect(await visible.first().getAttribute('aria-label')).toBe('rising scores of ID test and half & half');
    expect(await page.locator('figure img').evaluateAll(drawn)).toEqual([true, true, true, true]);

    await page.getByRole('button', { name: 'falling' }).click();
    expect(await visible.first().getAttribute('aria-label')).toBe(
      'falling scores of ID test and half & half',
    );
    expect(errors).toEqual([]);
    expect(requests.filter(url => !url.startsWith('file:') && !url.startsWith('data:'))).toEqual([]);
  } finally {
    await browser.close();
    await rm(folder, { recursive: true });
  }
});

it('keeps every column in sight beside a set with a long name', async context => {
  if (browserSkipReason !== undefined) return context.skip(browserSkipReason);
  const browser = await chromium.launch({ executablePath: chromiumPath, args: chromiumFlags });
  try {
    const synthetic = syntheticBenchmark();
    const benchmark = {
      ...synthetic,
      ood: synthetic.ood.map(set => ({ ...set, name: set.name + 'x'.repeat(200) })),
    };
    const run = await runBenchmark(benchmark, contestants, { now: () => performance.now() });
    const page = await browser.newPage({ viewport: { width: 1000, height: 800 } });
    await page.setContent(await renderReport({ ...run, benchmark }));
    const overflow = page
      .locator('.scroll')
      .evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth);
    expect(await overflow).toBe(0);
  } finally {
    await browser.close();
  }
});

/** Runs in the page: whether each image was decoded. */
function drawn(images: unknown[]): boolean[] {
  return images.map(image => (image as { naturalWidth: number }).naturalWidth > 0);
}
