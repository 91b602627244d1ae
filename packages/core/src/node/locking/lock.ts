import { randomUUID } from 'node:crypto';
import { link, lstat, mkdir, readFile, rm, rmdir, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CoreError } from '../../errors/core-error.ts';
import { systemError } from '../../errors/system-error.ts';
import { throwIfAborted } from '../../options/throw-if-aborted.ts';
import { isRunning, type ProcessIdentity, thisProcess } from '../process-identity.ts';
import { makeFolder } from '../writing/make-folder.ts';
import { removeLeftovers, temporaryPath } from '../writing/temporary-path.ts';

export interface LockOptions {
  readonly signal?: AbortSignal | undefined;
  /** The time in milliseconds since 1970. Default: this machine's. */
  readonly now?: (() => number) | undefined;
  /** A lock whose holder shows no life for so long is stale. Default: 60,000 ms. */
  readonly staleMs?: number | undefined;
  /** How long to wait for another process; 0: not at all. Default: without end. */
  readonly waitMs?: number | undefined;
  /** Called once with the holder where there is something to wait for. */
  readonly onWait?: ((holder: Pick<ProcessIdentity, 'pid' | 'host'>) => void) | undefined;
  /** What is locked, for messages. Default: the path of the lock file. */
  readonly where?: string | undefined;
}

interface Holder extends ProcessIdentity {
  readonly token: string;
}

const POLL_MS = 100;
const STALE_MS = 60_000;

/**
 * Runs `work` while holding a lock file, so that two processes do not write to the same place. The file is created
 * exclusively and touched while held; it is taken over when its process is gone (same machine) or has not touched it
 * for `staleMs`. `work` gets a signal that aborts when the lock is lost.
 *
 * @throws CoreError `LOCKED` after `waitMs`, naming the holder; `LOCK_LOST`; `ABORTED`; refusals of the system
 */
export async function withLock<T>(
  path: string,
  work: (signal: AbortSignal) => Promise<T>,
  options: LockOptions = {},
): Promise<T> {
  const { signal, staleMs = STALE_MS, where = path } = options;
  const mine: Holder = { ...thisProcess(), token: randomUUID() };
  try {
    await makeFolder(dirname(path));
    await removeLeftovers(path);
    await acquire(path, mine, options);
  } catch (cause) {
    throw systemError(cause, { where, expected: 'to lock it', otherwise: 'WRITE_FAILED' });
  }
  const lost = new AbortController();
  const beat = setInterval(() => {
    void keepAlive(path, mine, where).catch(error => lost.abort(error));
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

/**
 * Removes a lock that a killed process left, as `withLock` would before it takes it over; one that is held stays. Does nothing, at the
 * cost of two looks, where there is none.
 */
export async function discardStaleLock(path: string): Promise<void> {
  const holder = await readHolder(path);
  if (await isStale(path, holder, STALE_MS, Date.now)) await removeStale(path, STALE_MS, Date.now);
}

async function acquire(path: string, mine: Holder, options: LockOptions): Promise<void> {
  const { signal, now = Date.now, staleMs = STALE_MS, where = path, onWait } = options;
  const { waitMs = Number.POSITIVE_INFINITY } = options;
  const start = now();
  for (let told = false; ; ) {
    throwIfAborted(where, signal);
    if (await create(path, mine)) return;
    const holder = await readHolder(path);
    if (await isStale(path, holder, staleMs, now)) {
      await removeStale(path, staleMs, now);
      continue;
    }
    if (now() - start >= waitMs) throw locked(where, path, holder);
    if (!told && holder !== undefined) {
      told = true;
      onWait?.(holder);
    }
    await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** File systems without hard links say one of these. */
const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EXDEV'];

/** Creates the lock with its holder in it: one without would have to be waited for after a kill. */
async function create(path: string, mine: Holder): Promise<boolean> {
  if ((await lstat(path).catch(() => undefined)) !== undefined) return false;
  const text = JSON.stringify(mine);
  const temporary = temporaryPath(path);
  try {
    await writeFile(temporary, text, { flag: 'wx' });
    await link(temporary, path);
    return true;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (NO_LINKS.includes(code)) return createInPlace(path, text);
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}

async function createInPlace(path: string, text: string): Promise<boolean> {
  try {
    await writeFile(path, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** The holder of a lock; undefined where there is none or it has not been written yet. */
async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    // Anything may be at such a name: a pipe would be waited for without end.
    if (!(await lstat(path)).isFile()) return undefined;
    const holder: unknown = JSON.parse(await readFile(path, 'utf8'));
    const { pid, host, start, token } = holder as Partial<Holder>;
    return typeof pid === 'number' && typeof host === 'string' && typeof token === 'string'
      ? { pid, host, start: typeof start === 'string' ? start : '', token }
      : undefined;
  } catch {
    return undefined;
  }
}

async function isStale(
  path: string,
  holder: Holder | undefined,
  staleMs: number,
  now: () => number,
): Promise<boolean> {
  if (holder !== undefined && holder.host === hostname() && !isRunning(holder)) return true;
  const info = await stat(path).catch(() => undefined);
  return info !== undefined && now() - info.mtimeMs > staleMs;
}

/** Removes a stale lock. Only one process at a time may do so, else it could remove the next holder's. */
async function removeStale(path: string, staleMs: number, now: () => number): Promise<void> {
  const guard = `${path}.takeover`;
  try {
    await mkdir(guard);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const info = await stat(guard).catch(() => undefined);
    if (info !== undefined && now() - info.mtimeMs > staleMs) await rmdir(guard).catch(() => {});
    await sleep(POLL_MS);
    return;
  }
  try {
    if (await isStale(path, await readHolder(path), staleMs, now)) await rm(path, { force: true });
  } finally {
    await rmdir(guard).catch(() => {});
  }
}

async function keepAlive(path: string, mine: Holder, where: string): Promise<void> {
  const holder = await readHolder(path);
  if (holder?.token !== mine.token) throw lockLost(where, path);
  const now = new Date();
  await utimes(path, now, now);
}

function locked(where: string, path: string, holder: Holder | undefined): CoreError {
  return new CoreError('LOCKED', {
    where,
    expected: 'no other process at work here',
    got: holder === undefined ? 'one' : `process ${holder.pid} on ${holder.host}`,
    advice: `wait for it, or delete ${path} if that process is gone`,
    details: { path, ...(holder && { pid: holder.pid, host: holder.host }) },
  });
}

function lockLost(where: string, path: string): CoreError {
  return new CoreError('LOCK_LOST', {
    where,
    expected: 'to hold the lock',
    got: 'the lock of another process, or none',
    advice: 'run again; if it happens again, look for what deletes files here',
    details: { path },
  });
}
