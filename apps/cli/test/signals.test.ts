import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EXIT } from '@ood/terminal';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startOod } from './start-ood.ts';

const block = new URL('./children/block.mjs', import.meta.url).href;
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ood-signals-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** `ood demo`, or a command whose thread blocks for good, as native code may. */
function start(out: string, { blocked = false } = {}) {
  const words = blocked ? ['datasets', 'path'] : ['demo', '--out', join(folder, out)];
  return startOod(words, { preload: blocked ? [block] : [] });
}

const seconds = async (work: Promise<unknown>) => {
  const begin = performance.now();
  await work;
  return (performance.now() - begin) / 1000;
};

describe.skipIf(process.platform === 'win32')('Ctrl-C and SIGTERM', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('%s stops a command in good order', async signal => {
    const { child, said, ended } = start(`orderly-${signal}`);
    await said('reading the glyphs');
    child.kill(signal);
    expect(await ended).toMatchObject({
      code: EXIT.interrupted,
      stderr: expect.stringContaining('interrupted\n'),
    });
    expect(await readdir(join(folder, `orderly-${signal}`)).catch(() => [])).toEqual([]);
  });

  it('twice end a command at once whose thread native code blocks', async () => {
    const { child, said, ended } = start('blocked', { blocked: true });
    await said('blocked');
    child.kill('SIGINT');
    await new Promise(resolve => setTimeout(resolve, 200));
    child.kill('SIGINT');
    expect(await seconds(ended)).toBeLessThan(3);
    expect(await ended).toMatchObject({ code: EXIT.interrupted });
  });

  it('once end it after a grace', async () => {
    const { child, said, ended } = start('grace', { blocked: true });
    await said('blocked');
    child.kill('SIGTERM');
    expect(await seconds(ended)).toBeLessThan(9);
    expect(await ended).toMatchObject({
      code: EXIT.interrupted,
      stderr: expect.stringContaining('interrupted\n'),
    });
  });

  it('reach all processes of a terminal, and count once', async () => {
    const { child, said, ended } = start('group');
    await said('reading the glyphs');
    process.kill(await commandOf(child.pid!), 'SIGINT');
    child.kill('SIGINT');
    expect(await ended).toMatchObject({
      code: EXIT.interrupted,
      stderr: expect.stringMatching(/\ninterrupted\n$/),
    });
  });

  it('say what became of a command that was ended from outside, or by native code', async () => {
    for (const [signal, message] of [
      ['SIGKILL', /error: the command: expected to run to its end, got SIGKILL, as the system .* memory/],
      ['SIGSEGV', /error: the command: .* got SIGSEGV in native code/],
    ] as const) {
      const { child, said, ended } = start(`killed-${signal}`);
      await said('reading the glyphs');
      process.kill(await commandOf(child.pid!), signal);
      expect(await ended).toMatchObject({ code: EXIT.failed, stderr: expect.stringMatching(message) });
    }
  });
});

it.skipIf(process.platform === 'win32')('a command whose supervisor is gone ends', async () => {
  const { child, said } = start('orphan');
  await said('reading the glyphs');
  const command = await commandOf(child.pid!);
  child.kill('SIGKILL');
  await expect.poll(() => isAlive(command), { timeout: 10_000 }).toBe(false);
});

/** A column of the list of processes. */
async function ps(which: '--ppid' | '-p', pid: number, column: 'pid=' | 'stat='): Promise<string> {
  const child = spawn('ps', ['-o', column, which, String(pid)]);
  let stdout = '';
  child.stdout.on('data', part => {
    stdout += part;
  });
  await once(child, 'close');
  return stdout.trim();
}

/** The process of the command itself, below its supervisor. */
async function commandOf(supervisor: number): Promise<number> {
  const [first] = (await ps('--ppid', supervisor, 'pid=')).split(/\s+/);
  return Number(first);
}

/** Whether it runs; one that has ended may wait for whoever should ask how. */
async function isAlive(pid: number): Promise<boolean> {
  const state = await ps('-p', pid, 'stat=');
  return state !== '' && !state.startsWith('Z');
}
