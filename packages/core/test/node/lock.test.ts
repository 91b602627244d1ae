import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { withLock } from '../../src/node/index.ts';
import { hostToken, thisProcess } from '../../src/node/process-identity.ts';

let root: string;
let path: string;
let count = 0;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'ood-lock-'));
});
beforeEach(() => {
  path = join(root, String(count++), 'lock');
});
afterAll(() => rm(root, { recursive: true }));

const tick = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));

describe('withLock', () => {
  it('lets one at a time work, and leaves nothing behind', async () => {
    let inside = 0;
    const seen: number[] = [];
    const work = () =>
      withLock(path, async () => {
        seen.push(++inside);
        await tick(20);
        inside--;
      });
    await Promise.all([work(), work(), work()]);
    expect(seen).toEqual([1, 1, 1]);
    expect(await readdir(join(path, '..'))).toEqual([]);
  });

  it('is released where the work fails', async () => {
    const failing = withLock(path, async () => {
      throw new Error('broken');
    });
    await expect(failing).rejects.toThrow('broken');
    expect(await withLock(path, async () => 1, { waitMs: 0 })).toBe(1);
  });

  it('names the holder where it does not wait', async () => {
    await withLock(path, async () => {
      const waits: unknown[] = [];
      const second = withLock(path, async () => 0, { waitMs: 0, onWait: holder => waits.push(holder) });
      await expect(second).rejects.toMatchObject({
        code: 'LOCKED',
        kind: 'environment',
        got: `process ${process.pid} on ${hostname()}`,
        details: { pid: process.pid, host: hostname() },
      });
      const third = withLock(path, async () => 0, { waitMs: 150, onWait: holder => waits.push(holder) });
      await expect(third).rejects.toMatchObject({ code: 'LOCKED' });
      expect(waits).toMatchObject([{ pid: process.pid }]);
    });
  });

  it('stops waiting when it is aborted', async () => {
    await withLock(path, async () => {
      const second = withLock(path, async () => 0, { signal: AbortSignal.timeout(50) });
      await expect(second).rejects.toMatchObject({ code: 'ABORTED', kind: 'aborted' });
    });
  });

  const held = async (holder: object) => {
    await withLock(path, async () => undefined);
    await writeFile(path, JSON.stringify({ ...thisProcess(), token: 'other', ...holder }));
  };
  const taken = () => withLock(path, async () => true, { waitMs: 0 });

  it('takes over from a process that has ended, or was an earlier one of the same number', async () => {
    await held({ pid: spawnSync(process.execPath, ['-e', '']).pid, start: '' });
    expect(await taken()).toBe(true);
    if (thisProcess().start === '') return;
    await held({ start: '1' });
    expect(await taken()).toBe(true);
  });

  it('never waits for what lies at its name and is no lock', async () => {
    await mkdir(join(path, '..'), { recursive: true });
    if (process.platform !== 'win32') spawnSync('mkfifo', [path]);
    else await mkdir(path);
    await expect(taken()).rejects.toMatchObject({ code: 'LOCKED', got: 'one' });
  });

  it('takes away what a killed process left of making it', async () => {
    await held({ pid: 1, host: 'elsewhere' });
    const dead = spawnSync(process.execPath, ['-e', '']).pid;
    const left = `${path}.${hostToken()}-${dead}-1-0badc0de.incomplete`;
    await writeFile(left, '');
    await expect(taken()).rejects.toMatchObject({ code: 'LOCKED' });
    expect(await readdir(join(path, '..'))).toEqual(['lock']);
  });

  it('takes over from another machine only when it shows no life', async () => {
    await held({ host: 'elsewhere', pid: 1 });
    await expect(taken()).rejects.toMatchObject({ code: 'LOCKED', got: 'process 1 on elsewhere' });
    const past = new Date(Date.now() - 120_000);
    await utimes(path, past, past);
    expect(await taken()).toBe(true);
  });

  it('tells the work that the lock is lost, and leaves the new holder its lock', async () => {
    await withLock(
      path,
      async signal => {
        await writeFile(path, JSON.stringify({ ...thisProcess(), token: 'other' }));
        await new Promise(resolve => signal.addEventListener('abort', resolve));
        expect(signal.reason).toMatchObject({ code: 'LOCK_LOST' });
      },
      { staleMs: 80 },
    );
    expect(await readFile(path, 'utf8')).toContain('other');
  });

  it('says what the system refuses', async () => {
    await writeFile(join(root, 'file'), '');
    const work = withLock(join(root, 'file', 'lock'), async () => 0, { where: 'the store' });
    await expect(work).rejects.toMatchObject({ code: 'NOT_A_FOLDER', where: join(root, 'file') });
  });
});
