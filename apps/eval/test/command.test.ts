import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EXIT } from '@ood/terminal';
import { memoryIo } from '@ood/terminal/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { main } from '../src/command/main.ts';
import { writeFeatures } from './write-features.ts';

let cwd = '';
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'ood-bench-'));
  await writeFeatures(join(cwd, 'features'), { logits: true });
  await writeFile(
    join(cwd, 'mine.jsonc'),
    `{ // A task of one's own.
      "kind": "ood-task", "version": 1, "name": "mine",
      "backbones": [{ "name": "net", "features": "features" }],
      "near": ["near"], "detectors": ["mahalanobis++", "energy"] }`,
  );
  expect(await ood('run', 'mine.jsonc', '--out', 'run', '--jobs', '1')).toMatchObject({ code: EXIT.ok });
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

const ood = async (...args: string[]) => {
  const { io, written } = memoryIo({ cwd });
  return { code: await main(args, io), ...written };
};

describe('ood-eval', () => {
  it('lists the tasks that come along, and says what one would do', async () => {
    expect((await ood('list')).stdout).toMatch(/^glyphs +1 +8 {2}Glyphs: letters/m);
    const { tasks } = JSON.parse((await ood('list', '--json')).stdout);
    expect(tasks.find(({ name }: { name: string }) => name === 'glyphs').hash).toMatch(/^[0-9a-f]{64}$/);
    const { stdout } = await ood('validate', 'mine.jsonc');
    expect(stdout).toMatch(/^backbones +net$/m);
    expect(stdout).toMatch(/^detectors +mahalanobis\+\+, energy$/m);
    expect((await ood('run', 'mine.jsonc', '--dry-run', '--seeds', '3', '--out', 'x')).stdout).toContain(
      '2 cells into',
    );
  });

  it('runs a task: a table for the terminal, results for programs', async () => {
    const { stdout, code } = await ood('run', 'mine.jsonc', '--out', 'run');
    expect(code).toBe(EXIT.ok);
    expect(stdout).toContain('net: AUROC in percent');
    expect(stdout).toMatch(/^mahalanobis\+\+ +\d+\.\d\d/m);
    expect(stdout).toContain('2 cells were there already.');
    const results = JSON.parse(await readFile(join(cwd, 'run/results.json'), 'utf8'));
    expect(results).toMatchObject({ kind: 'ood-task-results', schemaVersion: 1, task: { name: 'mine' } });
    const printed = JSON.parse((await ood('run', 'mine.jsonc', '--out', 'run', '--json')).stdout);
    expect(printed.backbones).toEqual(results.backbones);
  });

  it('writes tables for a page, a spreadsheet and a paper', async () => {
    const markdown = (await ood('table', 'run', '--format', 'markdown')).stdout;
    expect(markdown).toContain('|  | near | far | near (near) | far |');
    expect(markdown).toMatch(/^\| mahalanobis\+\+ \| \*{0,2}\d/m);
    const csv = (await ood('table', 'run/results.json', '--format', 'csv', '--metric', 'fpr95')).stdout;
    expect(csv.split('\n')[0]).toBe(
      'detector,near,near ±,far,far ±,near (near),near (near) ±,far,far ±,AURC,AURC ±,"fit, s","fit, s ±",µs/sample,µs/sample ±,MB,MB ±',
    );
    const latex = (await ood('table', 'run', '--format', 'latex')).stdout;
    expect(latex).toContain('\\toprule');
    expect(latex).toContain('mahalanobis++ & ');
    expect(latex.match(/&/g)!.length % 8).toBe(0);
  });

  it('leaves columns out that do not fit, and says which', async () => {
    const { io, written } = memoryIo({ cwd, terminal: true, columns: 60 });
    expect(await main(['table', 'run'], io)).toBe(EXIT.ok);
    const [, ...lines] = written.stdout.split('\n');
    for (const line of lines.filter(one => !one.startsWith('Not shown')))
      expect(line.length).toBeLessThanOrEqual(60);
    expect(written.stdout).toMatch(/Not shown, for the width: AURC, near \(near\), far\./);
  });

  it('compares runs, with exit code 3 where the second is worse', async () => {
    const same = await ood('compare', 'run', 'run');
    expect(same).toMatchObject({
      code: EXIT.ok,
      stdout: '16 figures compared, 0 worse by more than 0.5 points\n',
    });
    const results = JSON.parse(await readFile(join(cwd, 'run/results.json'), 'utf8'));
    results.backbones[0].detectors[1].sets.far.auroc.mean -= 0.02;
    await writeFile(join(cwd, 'worse.json'), JSON.stringify(results));
    const worse = await ood('compare', 'run', 'worse.json');
    expect(worse.code).toBe(EXIT.gateMissed);
    expect(worse.stdout).toMatch(/^net +energy +far +AUROC .*−2\.00 +worse$/m);
    expect(worse.stderr).toBe('1 of 16 figures are worse by more than 0.5 points\n');
    expect((await ood('compare', 'worse.json', 'run')).code).toBe(EXIT.ok);
    expect((await ood('compare', 'run', 'worse.json', '--tolerance', '3')).code).toBe(EXIT.ok);
    expect(JSON.parse((await ood('compare', 'run', 'worse.json', '--json')).stdout).differences).toHaveLength(
      16,
    );
  });

  it('writes a page for each backbone', async () => {
    const { code, stdout } = await ood('report', 'run');
    expect(code).toBe(EXIT.ok);
    expect(stdout).toMatch(/^file:.*run\/report-net\.html\n$/);
    expect(await readFile(join(cwd, 'run/report-net.html'), 'utf8')).toContain('mahalanobis++');
  });

  it.each<[string, string[], number, RegExp]>([
    [
      'a task that is not there',
      ['run', 'no.jsonc', '--out', 'x'],
      EXIT.usage,
      /no\.jsonc: expected a task, as JSON/,
    ],
    [
      'an unknown task',
      ['run', 'glyph', '--out', 'x'],
      EXIT.usage,
      /expected a task: bench, .*glyphs.*, or a file/,
    ],
    ['no folder to write into', ['run', 'glyphs'], EXIT.usage, /required option '--out <dir>'/],
    [
      'a limit that is none',
      ['run', 'glyphs', '--out', 'x', '--limit', '3'],
      EXIT.usage,
      /whole number from 20 on/,
    ],
    ['a misspelt verb', ['rnu'], EXIT.usage, /Did you mean run\?/],
    ['no results', ['compare', 'run', 'mine.jsonc'], EXIT.failed, /expected results of `ood-eval run`/],
    ['a folder of no run', ['report', 'features'], EXIT.failed, /expected what `ood-eval run` wrote/],
    [
      'a tolerance that is none',
      ['compare', 'run', 'run', '--tolerance', '-1'],
      EXIT.usage,
      /percentage points/,
    ],
  ])('refuses %s', async (_what, args, code, message) => {
    const said = await ood(...args);
    expect(said.code).toBe(code);
    expect(said.stderr).toMatch(message);
    expect(said.stdout).toBe('');
  });
});
