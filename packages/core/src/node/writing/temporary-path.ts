import { createHash, randomBytes } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { hostToken, isRunning, thisProcess } from '../process-identity.ts';

/** Longest name, in bytes, that leaves room for what is appended within the 255 of file systems. */
const LONGEST_STEM = 190;

/** A path beside `path` that no other writer has, `….incomplete`; its name says whose it is. */
export function temporaryPath(path: string): string {
  const { pid, start } = thisProcess();
  const owner = `${hostToken()}-${pid}-${start}-${randomBytes(4).toString('hex')}`;
  return join(dirname(path), `${stemOf(path)}.${owner}.incomplete`);
}

/**
 * Removes what writers of `path` left behind that were killed on this machine. What belongs to one still at work, or to another
 * machine, stays.
 */
export async function removeLeftovers(path: string): Promise<void> {
  const stem = `${stemOf(path)}.`;
  const names = await readdir(dirname(path)).catch(() => []);
  for (const name of names) {
    if (!name.startsWith(stem)) continue;
    const [, host, pid, start = ''] =
      /^([0-9a-f]{8})-(\d+)-(\d*)-[0-9a-f]{8}\.incomplete$/.exec(name.slice(stem.length)) ?? [];
    if (host !== hostToken() || isRunning({ pid: Number(pid), start })) continue;
    await rm(join(dirname(path), name), { recursive: true, force: true }).catch(() => undefined);
  }
}

function stemOf(path: string): string {
  const name = basename(path);
  if (Buffer.byteLength(name) <= LONGEST_STEM) return name;
  return `ood-${createHash('sha256').update(name).digest('hex').slice(0, 16)}`;
}
