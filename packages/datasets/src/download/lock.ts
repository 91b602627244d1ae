import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rm, rmdir, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { atPath } from '../bytes/file-error.ts';
import { DatasetError } from '../errors.ts';
import { type Clock, systemClock } from './clock.ts';

export interface LockOptions {
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
  /** A lock whose holder shows no life for so long is stale. Default: 60,000 ms. */
  readonly staleMs?: number;
  /** How long to wait for another process; 0: not at all. Default: without end. */
  readonly waitMs?: number;
  /** Called once with the holder's process when there is something to wait for. */
  readonly onWait?: (holder: { readonly pid: number; readonly host: string }) => void;
}

interface Holder {
  readonly pid: number;
  readonly host: string;
  readonly token: string;
}

const POLL_MS = 100;

/**
 * Runs `work` while holding a lock file, so that two processes do not write to the same place. The file is created
 * exclusively and touched while held; it is taken over when its process is gone (same machine) or has not touched it
 * for `staleMs`. `work` gets a signal that aborts when the lock is lost.
 *
 * @throws DatasetError `LOCKED` after `waitMs`, `LOCK_LOST`.
 */
export async function withLock<T>(
  path: string,
  work: (signal: AbortSignal) => Promise<T>,
  options: LockOptions = {},
): Promise<T> {
  const { signal, staleMs = 60_000 } = options;
  await atPath(dirname(path), 'a folder to write in', () => mkdir(dirname(path), { recursive: true }));
  const mine: Holder = { pid: process.pid, host: hostname(), token: randomUUID() };
  await acquire(path, mine, options);
  const lost = new AbortController();
  const beat = setInterval(() => {
    void keepAlive(path, mine).catch(() => lost.abort(lockLost(path)));
  }, staleMs / 4);
  beat.unref();
  try {
    return await work(signal === undefined ? lost.signal : AbortSignal.any([signal, lost.signal]));
  } finally {
    clearInterval(beat);
    const holder = await readHolder(path);
    if (holder?.token === mine.token) await rm(path, { force: true });
  }
}

async function acquire(path: string, mine: Holder, options: LockOptions): Promise<void> {
  const {
    signal,
    clock = systemClock,
    staleMs = 60_000,
    waitMs = Number.POSITIVE_INFINITY,
    onWait,
  } = options;
  const start = clock.now();
  for (let told = false; ; ) {
    signal?.throwIfAborted();
    if (await create(path, mine)) return;
    const holder = await readHolder(path);
    if (await isStale(path, holder, staleMs, clock)) {
      await removeStale(path, staleMs, clock);
      continue;
    }
    if (clock.now() - start >= waitMs) {
      throw new DatasetError('LOCKED', {
        where: path,
        expected: 'no other process at work here',
        got: holder === undefined ? 'one' : `process ${holder.pid} on ${holder.host}`,
        advice: 'wait for it, or delete this file if that process is gone',
      });
    }
    if (!told && holder !== undefined) {
      told = true;
      onWait?.(holder);
    }
    await clock.sleep(POLL_MS, signal);
  }
}

async function create(path: string, mine: Holder): Promise<boolean> {
  try {
    const file = await open(path, 'wx');
    try {
      await file.writeFile(JSON.stringify(mine));
    } finally {
      await file.close();
    }
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** The holder of a lock; undefined where there is none or it has not been written yet. */
async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    const holder: unknown = JSON.parse(await readFile(path, 'utf8'));
    const { pid, host, token } = holder as Partial<Holder>;
    return typeof pid === 'number' && typeof host === 'string' && typeof token === 'string'
      ? { pid, host, token }
      : undefined;
  } catch {
    return undefined;
  }
}

async function isStale(
  path: string,
  holder: Holder | undefined,
  staleMs: number,
  clock: Clock,
): Promise<boolean> {
  if (holder !== undefined && holder.host === hostname() && !isAlive(holder.pid)) return true;
  const info = await stat(path).catch(() => undefined);
  return info !== undefined && clock.now() - info.mtimeMs > staleMs;
}

/** Removes a stale lock. Only one process at a time may do so, else it could remove the next holder's. */
async function removeStale(path: string, staleMs: number, clock: Clock): Promise<void> {
  const guard = `${path}.takeover`;
  try {
    await mkdir(guard);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const info = await stat(guard).catch(() => undefined);
    if (info !== undefined && clock.now() - info.mtimeMs > staleMs) await rmdir(guard).catch(() => {});
    await clock.sleep(POLL_MS);
    return;
  }
  try {
    if (await isStale(path, await readHolder(path), staleMs, clock)) await rm(path, { force: true });
  } finally {
    await rmdir(guard).catch(() => {});
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function keepAlive(path: string, mine: Holder): Promise<void> {
  const holder = await readHolder(path);
  if (holder?.token !== mine.token) throw lockLost(path);
  const now = new Date();
  await utimes(path, now, now);
}

function lockLost(path: string): DatasetError {
  return new DatasetError('LOCK_LOST', {
    where: path,
    expected: 'to hold this lock',
    got: 'the lock of another process',
    advice: 'run again; if it happens again, look for what deletes files here',
  });
}
