import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { withLock } from '../src/download/lock.ts';
import { systemClock } from '../src/index.ts';
import { tempFolder } from './support/temp-folder.ts';

const folder = tempFolder();
const child = new URL('./children/lock-child.ts', import.meta.url).pathname;
const holder = (pid: number, host = hostname()) => JSON.stringify({ pid, host, token: 'another' });
const ago = (path: string, ms: number) =>
  utimesSync(path, new Date(Date.now() - ms), new Date(Date.now() - ms));

describe('a lock', () => {
  it('lets one process in at a time', async () => {
    const [lock, counter] = [join(folder, 'many.lock'), join(folder, 'counter')];
    writeFileSync(counter, '0');
    const run = () =>
      new Promise(resolve => {
        const args = ['--conditions=@ood/source', '--import', 'tsx', child, lock, counter, '8'];
        spawn(process.execPath, args, { stdio: 'inherit' }).on('exit', resolve);
      });
    expect(await Promise.all([run(), run(), run()])).toEqual([0, 0, 0]);
    expect(readFileSync(counter, 'utf8')).toBe('24');
    expect(existsSync(lock)).toBe(false);
  });

  it('lets one task of a process in at a time, and is gone afterwards, also after an error', async () => {
    const lock = join(folder, 'tasks.lock');
    let inside = 0;
    const task = () =>
      withLock(lock, async () => {
        inside += 1;
        expect(inside).toBe(1);
        await systemClock.sleep(5);
        inside -= 1;
      });
    await Promise.all([task(), task(), task()]);
    await expect(withLock(lock, () => Promise.reject(new Error('inside')))).rejects.toThrow('inside');
    expect(existsSync(lock)).toBe(false);
  });

  it('is taken over where its process is gone', async () => {
    const lock = join(folder, 'dead.lock');
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    writeFileSync(lock, holder(pid));
    expect(await withLock(lock, async () => 'in', { waitMs: 5000 })).toBe('in');
  });

  it('is taken over where another machine has not touched it for long, and not before', async () => {
    const lock = join(folder, 'far.lock');
    writeFileSync(lock, holder(1, 'another-machine'));
    await expect(withLock(lock, async () => 'in', { waitMs: 150 })).rejects.toMatchObject({
      code: 'LOCKED',
      got: 'process 1 on another-machine',
    });
    ago(lock, 61_000);
    expect(await withLock(lock, async () => 'in', { waitMs: 5000 })).toBe('in');
  });

  it('is taken over where it is empty or garbage, once it is old', async () => {
    for (const content of ['', 'garbage', '{}']) {
      const lock = join(folder, 'garbage.lock');
      writeFileSync(lock, content);
      await expect(withLock(lock, async () => 'in', { waitMs: 0 })).rejects.toMatchObject({ code: 'LOCKED' });
      ago(lock, 61_000);
      expect(await withLock(lock, async () => 'in', { waitMs: 5000 })).toBe('in');
    }
  });

  it('is taken over past a take-over that died itself', async () => {
    const lock = join(folder, 'twice.lock');
    writeFileSync(lock, '');
    mkdirSync(`${lock}.takeover`);
    ago(lock, 61_000);
    ago(`${lock}.takeover`, 61_000);
    expect(await withLock(lock, async () => 'in', { waitMs: 5000 })).toBe('in');
    expect(existsSync(`${lock}.takeover`)).toBe(false);
  });

  it('tells its holder when it is lost, and leaves the new holder alone', async () => {
    const lock = join(folder, 'lost.lock');
    const work = withLock(
      lock,
      async signal => {
        writeFileSync(lock, holder(process.pid));
        await systemClock.sleep(5000, signal);
      },
      { staleMs: 200 },
    );
    await expect(work).rejects.toMatchObject({ code: 'LOCK_LOST' });
    expect(readFileSync(lock, 'utf8')).toBe(holder(process.pid));
  });

  it('is waited for until the signal aborts, saying for whom', async () => {
    const lock = join(folder, 'wait.lock');
    writeFileSync(lock, holder(process.pid));
    const abort = new AbortController();
    const holders: number[] = [];
    const work = withLock(lock, async () => 'in', {
      signal: abort.signal,
      onWait: ({ pid }) => {
        holders.push(pid);
        abort.abort(new Error('enough'));
      },
    });
    await expect(work).rejects.toThrow('enough');
    expect(holders).toEqual([process.pid]);
  });
});
