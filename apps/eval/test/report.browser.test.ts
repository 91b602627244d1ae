import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserSkipReason, chromiumFlags, chromiumPath } from '../../../tooling/vitest/chromium.ts';
import type { BenchmarkRun } from '../src/index.ts';
import { HOSTILE, syntheticPage } from './report-page.ts';

let folder: string;
let address: string;
let browser: Browser;
let run: BenchmarkRun;

beforeAll(async () => {
  if (browserSkipReason !== undefined) return;
  folder = await mkdtemp(join(tmpdir(), 'ood-report-'));
  browser = await chromium.launch({ executablePath: chromiumPath, args: chromiumFlags });
  const made = await syntheticPage();
  run = made.run;
  await writeFile(join(folder, 'report.html'), made.html);
  address = pathToFileURL(join(folder, 'report.html')).href;
}, 60_000);

afterAll(async () => {
  await browser?.close();
  if (folder) await rm(folder, { recursive: true });
});

/** A page in which any error, or any word to the network, fails the test. */
async function withPage(
  options: Parameters<Browser['newPage']>[0],
  use: (page: Page) => Promise<void>,
): Promise<void> {
  const page = await browser.newPage({ viewport: { width: 1200, height: 900 }, ...options });
  const wrong: string[] = [];
  page.on('pageerror', error => wrong.push(error.message));
  page.on('console', message => message.type() === 'error' && wrong.push(message.text()));
  page.on('request', request => {
    if (!/^(?:file|data):/.test(request.url())) wrong.push(request.url());
  });
  try {
    await page.goto(address);
    await use(page);
    expect(wrong).toEqual([]);
  } finally {
    await page.close();
  }
}

const firstSet = () => run.results.detectors[0]!.sets[0]!.set;
const text = (page: Page, selector: string) => page.locator(selector).allTextContents();

describe.skipIf(browserSkipReason !== undefined)('the report page', () => {
  it('opens from disk without network, and obeys no name', () =>
    withPage({}, async page => {
      expect(await page.title()).toBe(`Report ${HOSTILE}`);
      expect(await page.locator('h1').textContent()).toBe(`Report ${HOSTILE}`);
      expect(await text(page, 'main > p')).toEqual(
        expect.arrayContaining([`First ${HOSTILE}`, 'Second paragraph']),
      );
      const names = await text(page, 'table.detection tbody th');
      expect(names).toContain(`second ${HOSTILE}`);
      await page.locator('#focus').selectOption('1');
      await page.getByRole('button', { name: 'all sets' }).click();
      expect(await page.locator('#strips li').first().getAttribute('title')).toContain(HOSTILE);
      expect(await page.evaluate('window.hacked')).toBeUndefined();
      expect(await page.locator('main img, main script').count()).toBe(0);
    }));

  it('says what every chart and column is to those who do not see it', () =>
    withPage({}, async page => {
      const charts = page.locator('svg[role=img]');
      expect(await charts.count()).toBe(2 + 8 + 1);
      for (const chart of await charts.all()) {
        expect((await chart.getAttribute('aria-label'))!.length).toBeGreaterThan(5);
        expect((await chart.locator('desc').textContent())!.length).toBeGreaterThan(20);
      }
      expect(await page.locator('table th:not([scope])').count()).toBe(0);
      expect(await page.locator('button, input, select, summary').evaluateAll(unnamed)).toEqual([]);
    }));

  it('sorts by the mouse and by Enter, shows other figures, hides columns, marks the best', () =>
    withPage({}, async page => {
      const shown = () => page.locator('table.detection td[data-column=set-0] b').evaluateAll(numbers);
      const heading = page.locator('th[data-column=set-0] button');
      const asJudged = await shown();
      await heading.click();
      expect(await shown()).toEqual([...asJudged].sort((a, b) => b - a));
      await page.keyboard.press('Enter');
      expect(await shown()).toEqual([...asJudged].sort((a, b) => a - b));
      expect(await page.locator('th[data-column=set-0]').getAttribute('aria-sort')).toBe('ascending');

      await page.locator('#figure').selectOption('fpr95IdAccepted');
      const fprs = run.results.detectors.map(({ sets }) => 100 * sets[0]!.fpr95IdAccepted.value);
      const now = await shown();
      expect(now).toEqual([...now].sort((a, b) => a - b));
      expect(now[0]).toBeCloseTo(Math.min(...fprs), 1);
      await page.locator('#figure').selectOption('auroc');

      expect(await page.locator('td[data-column=set-0].best').count()).toBeGreaterThan(0);
      const close = page.locator('td[data-column=set-0].close');
      expect(await close.count()).toBeGreaterThan(0);
      expect(await close.first().getAttribute('title')).toMatch(/p = 0\.\d+ \(DeLong, paired; Holm\)/);
      const worst = page.locator('td[data-column=set-0]').first();
      expect(await worst.getAttribute('title')).toContain('p < 0.001');

      await page.locator('#columns summary').click();
      await page.locator('#columns label', { hasText: 'per sample' }).locator('input').uncheck();
      expect(await page.locator('table.detection [data-column=score]:visible').count()).toBe(0);
      await page.keyboard.press('Escape');
      expect(await page.locator('#columns .menu').isVisible()).toBe(false);
      expect(await text(page, 'tr[data-detector="0"] td[data-column=size]')).toEqual(['3.3 MB']);
    }));

  it('moves both error rates, the counts and the line as the slider moves', () =>
    withPage({}, async page => {
      await page.locator('#focus').selectOption('3');
      const { idTest, ood } = run.scores['detector 3']!;
      const expected = (step: number) => {
        const threshold = idTest.slice().sort()[Math.ceil((step * idTest.length) / 1000) - 1]!;
        const accepted = (scores: Float64Array) => scores.filter(score => score <= threshold).length;
        const [id, out] = [accepted(idTest), accepted(ood[firstSet()]!)];
        return [id, 200 - id, out, 150 - out].map(String);
      };
      const card = page.locator('#histograms .set').first();
      const counts = () => card.locator('.confusion tbody td').allTextContents();
      const line = async () => Number(await card.locator('.threshold').getAttribute('x1'));
      expect(await counts()).toEqual(expected(950));
      const at = await line();
      await page.locator('#threshold').focus();
      for (let press = 0; press < 20; press++) await page.keyboard.press('ArrowLeft');
      expect(await counts()).toEqual(expected(930));
      expect(await line()).toBeLessThan(at);
      const [caught, rejected] = await card.locator('.rates b').allTextContents();
      expect(Number.parseFloat(caught!)).toBeCloseTo((100 * Number(expected(930)[2])) / 150, 1);
      expect(Number.parseFloat(rejected!)).toBeCloseTo((100 * Number(expected(930)[1])) / 200, 1);
      expect(await page.locator('#threshold').getAttribute('aria-valuetext')).toContain('93.0 % of ID test');
      await page.keyboard.press('Home');
      expect(await counts()).toEqual(['0', '200', '0', '150']);
      await page.locator('#reset').click();
      expect(await counts()).toEqual(expected(950));
      const { x, y, width, height } = (await card.locator('svg').boundingBox())!;
      await page.mouse.click(x + width * 0.3, y + height / 2);
      expect(await line()).toBeLessThan(at);
    }));

  it('draws the best few at first, any others at a click, each in a style of its own', () =>
    withPage({}, async page => {
      const lines = page.locator('svg.roc path.series');
      expect(await lines.count()).toBe(4);
      await page.locator('#shown button', { hasText: 'detector 5' }).click();
      const five = await lines.count();
      await page.locator('#shown button', { hasText: 'detector 5' }).click();
      expect(Math.abs((await lines.count()) - five)).toBe(1);
      await page.getByRole('button', { name: 'all', exact: true }).click();
      expect(await lines.count()).toBe(14);
      expect(new Set(await lines.evaluateAll(strokes)).size).toBe(14);
      await page.getByRole('button', { name: 'none' }).click();
      expect(await page.locator('path.series').count()).toBe(0);
      await page.getByRole('button', { name: 'best few' }).click();
      await page.locator('#sets button').nth(1).click();
      expect(await page.locator('#charts h3').textContent()).toBe('far');
    }));

  it('reads the curves below the pointer and by arrow keys, also on a logarithmic axis', () =>
    withPage({}, async page => {
      await page.getByRole('button', { name: 'none' }).click();
      await page.locator('#shown button', { hasText: 'detector 5' }).click();
      const chart = page.locator('svg.roc');
      await chart.scrollIntoViewIfNeeded();
      await chart.focus();
      await page.keyboard.press('ArrowLeft');
      const read = async () => {
        const [head] = await text(page, '#charts .plot:first-child .tip .soft');
        const [value] = await text(page, '#charts .plot:first-child .tip b');
        return { x: Number.parseFloat(/[\d.]+/.exec(head!)![0]), y: Number.parseFloat(value!) };
      };
      const caughtAt = (rejected: number) => {
        const { idTest, ood } = run.scores['detector 5']!;
        const descending = idTest.slice().sort().reverse();
        const caught = ood[firstSet()]!.filter(score => score > descending[Math.round(rejected * 2)]!).length;
        return (100 * caught) / 150;
      };
      const linear = await read();
      expect(linear.x).toBeCloseTo(49, 5);
      expect(Math.abs(linear.y - caughtAt(49))).toBeLessThan(1.5);
      const ticks = await text(page, 'svg.roc .axis:nth-of-type(2) text');
      expect(ticks).toContain('40 %');
      await page.locator('#log').check();
      expect(await text(page, 'svg.roc .axis:nth-of-type(2) text')).toEqual([
        '0.1 %',
        '1 %',
        '10 %',
        '100 %',
      ]);
      const { x, y, width, height } = (await page.locator('svg.roc').boundingBox())!;
      await page.mouse.move(x + width * 0.75, y + height * 0.5);
      const logarithmic = await read();
      expect(logarithmic.x).toBeLessThan(30);
      expect(Math.abs(logarithmic.y - caughtAt(logarithmic.x))).toBeLessThan(3);
      await page.mouse.move(2, 2);
      expect(await page.locator('.tip:visible').count()).toBe(0);
    }));

  it('shows the mistakes of the detector in focus, with pictures where there are any', () =>
    withPage({}, async page => {
      for (const focus of [0, 4]) {
        await page.locator('#focus').selectOption(String(focus));
        const scores = run.scores[`detector ${focus}`]!.ood[firstSet()]!;
        const lowest = scores.indexOf(Math.min(...scores));
        const first = page.locator('#strips .strip').first().locator('li').first();
        expect(await first.getAttribute('title')).toContain(`row ${lowest};`);
        const gray = await first.locator('canvas').evaluate(middle);
        expect(Math.abs(gray - (40 + lowest))).toBeLessThan(8);
      }
      expect(await page.locator('#strips .strip').nth(1).locator('canvas').count()).toBe(0);
      expect(await page.locator('#strips .strip').nth(1).locator('b').first().textContent()).toMatch(
        /^row \d+$/,
      );
      const last = page.locator('#strips .strip').last();
      const { idTest } = run.scores['detector 4']!;
      const highest = idTest.indexOf(Math.max(...idTest));
      const title = await last.locator('li').first().getAttribute('title');
      expect(title).toContain(
        `row ${highest}, class ${highest % 2 ? 'one' : `zero ${HOSTILE}`}, classified as`,
      );
    }));

  it('names the row of the map below the pointer, with its picture, and hides sets', () =>
    withPage({}, async page => {
      const map = page.locator('svg.plane');
      await map.scrollIntoViewIfNeeded();
      const points = async () => (await map.locator('path').evaluateAll(moves)).reduce((a, b) => a + b, 0);
      const all = await points();
      expect(all).toBe(200 + 150 + 100 + 6 * 20);
      for (const name of ['far', /^far-a/, /^far-b/, /^far-c/, /^far-d/, /^far-e/, /^far-f/])
        await page.locator('#map-sets').getByRole('button', { name, exact: true }).click();
      expect(await points()).toBe(350);
      const [x, y] = await map.locator('path').first().evaluate(firstPoint);
      const box = (await map.boundingBox())!;
      await page.mouse.move(box.x + x!, box.y + y!);
      const tip = page.locator('#plane .tip');
      expect(await tip.textContent()).toMatch(/row \d+.*of ID test by detector 0/);
      expect(await tip.locator('canvas').count()).toBe(1);
    }));

  it('follows the system, switches the theme and remembers it; every text can be read', () =>
    withPage({ colorScheme: 'dark' }, async page => {
      const ground = () => page.locator('body').evaluate(backgroundOf);
      const dark = await ground();
      expect(await page.evaluate(faintTexts)).toEqual([]);
      await page.getByRole('button', { name: 'light theme' }).click();
      const light = await ground();
      expect(light).not.toBe(dark);
      expect(await page.evaluate(faintTexts)).toEqual([]);
      await page.reload();
      expect(await ground()).toBe(light);
      expect(await page.locator('#theme').textContent()).toBe('dark theme');
    }));

  it('prints all of it: nothing is cut, no controls, light', () =>
    withPage({ colorScheme: 'dark', viewport: { width: 960, height: 700 } }, async page => {
      const charts = await page.locator('svg[role=img]').count();
      await page.emulateMedia({ media: 'print' });
      await page.waitForFunction(() => true);
      expect(await page.locator('.control:visible, select:visible, input:visible').count()).toBe(0);
      expect(await page.locator('svg[role=img]:visible').count()).toBe(charts);
      expect(await page.locator('body').evaluate(backgroundOf)).toBe('rgb(255, 255, 255)');
      expect(await page.evaluate(cutElements)).toEqual([]);
      const paper = await page.pdf({ preferCSSPageSize: true });
      expect(paper.subarray(0, 5).toString()).toBe('%PDF-');
    }));

  it('fits a phone: the page never scrolls sideways, wide tables do in their own box', () =>
    withPage({ viewport: { width: 375, height: 800 } }, async page => {
      await page.getByRole('button', { name: 'all sets' }).click();
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(375);
      expect(await page.locator('.scroll').first().evaluate(overflow)).toBeGreaterThan(0);
      for (const chart of await page.locator('svg[role=img]').all())
        expect((await chart.boundingBox())!.width).toBeGreaterThan(250);
    }));

  it('can be used by the keyboard alone, and shows where it is', () =>
    withPage({}, async page => {
      const seen = new Set<string>();
      for (let press = 0; press < 60; press++) {
        await page.keyboard.press('Tab');
        const { name, ring } = await page.evaluate(focused);
        expect(ring, name).toBe(true);
        seen.add(name);
      }
      expect([...seen]).toEqual(
        expect.arrayContaining(['theme', 'figure', 'threshold', 'focus', 'log', 'roc', 'pr']),
      );
    }));
});

// What follows runs in the page, whose types this program has by the script of the page.

function numbers(cells: Element[]): number[] {
  return cells.map(cell => Number.parseFloat(cell.textContent!));
}

function unnamed(controls: Element[]): string[] {
  return controls
    .filter(one => !one.textContent?.trim() && !one.closest('label') && !one.getAttribute('aria-label'))
    .map(one => one.outerHTML);
}

function strokes(paths: Element[]): string[] {
  return paths.map(path => {
    const { stroke, strokeDasharray } = getComputedStyle(path);
    return `${stroke} ${strokeDasharray}`;
  });
}

function middle(canvas: Element): number {
  const { width, height } = canvas as HTMLCanvasElement;
  return (canvas as HTMLCanvasElement).getContext('2d')!.getImageData(width / 2, height / 2, 1, 1).data[0]!;
}

function moves(paths: Element[]): number[] {
  return paths.map(path => (path.getAttribute('d') ?? '').split('M').length - 1);
}

function firstPoint(path: Element): number[] {
  const svg = path.closest('svg')!;
  const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
  return /^M([\d.]+) ([\d.]+)/
    .exec(path.getAttribute('d')!)!
    .slice(1)
    .map(value => Number(value) * scale);
}

function backgroundOf(element: Element): string {
  return getComputedStyle(element).backgroundColor;
}

function overflow({ scrollWidth, clientWidth }: Element): number {
  return scrollWidth - clientWidth;
}

function focused(): { name: string; ring: boolean } {
  const at = document.activeElement!;
  const { outlineStyle, outlineWidth } = getComputedStyle(at);
  const name = at.id || at.getAttribute('class') || at.textContent!;
  return { name, ring: outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 1 };
}

/** Elements that reach over the right edge of the paper, or that a box of their own cuts. */
function cutElements(): string[] {
  const wide = [...document.querySelectorAll('main *')].filter(element => {
    const { right, width } = element.getBoundingClientRect();
    return width > 1 && right > innerWidth + 1;
  });
  const cut = [...document.querySelectorAll('.scroll')].filter(box => box.scrollWidth > box.clientWidth + 1);
  return [...wide, ...cut].map(element => `${element.tagName} ${element.getAttribute('class')}`);
}

/** Texts with less contrast than 4.5 : 1 to what they stand on. */
function faintTexts(): string[] {
  const channels = (color: string): number[] => (color.match(/[\d.]+/g) ?? []).map(Number);
  const luminance = (color: string): number => {
    const [r, g, b] = channels(color).map(c =>
      c / 255 <= 0.03928 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4,
    );
    return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
  };
  const groundOf = (element: Element | null): string => {
    if (element === null) return 'rgb(255, 255, 255)';
    const color = getComputedStyle(element).backgroundColor;
    return channels(color)[3] === 0 ? groundOf(element.parentElement) : color;
  };
  const found: string[] = [];
  for (const element of document.querySelectorAll('body *')) {
    const own = [...element.childNodes].some(node => node.nodeType === 3 && node.textContent!.trim() !== '');
    if (!own || ['SCRIPT', 'NOSCRIPT', 'desc', 'OPTION'].includes(element.tagName)) continue;
    const style = getComputedStyle(element);
    const ink = element instanceof SVGElement ? style.fill : style.color;
    const [a, b] = [luminance(ink), luminance(groundOf(element))].sort((x, y) => y - x);
    const ratio = (a! + 0.05) / (b! + 0.05);
    if (ratio < 4.5)
      found.push(`${element.tagName} ${element.textContent!.slice(0, 30)} ${ratio.toFixed(2)}`);
  }
  return [...new Set(found)].slice(0, 10);
}
