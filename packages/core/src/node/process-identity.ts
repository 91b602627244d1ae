import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** Which process wrote something, so that another can tell whether it is still at work. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly host: string;
  /** When the process began, in the system's ticks: tells it from a later one of the same number. Empty where unknown. */
  readonly start: string;
}

/** This process. */
export function thisProcess(): ProcessIdentity {
  return { pid: process.pid, host: hostname(), start: startOf(process.pid)?.start ?? '' };
}

/** Whether a process of this machine runs. In doubt it does. */
export function isRunning({ pid, start }: Pick<ProcessIdentity, 'pid' | 'start'>): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  const now = startOf(pid);
  if (now === undefined) return true;
  // A zombie has ended; only its parent has not asked yet.
  return now.state !== 'Z' && (start === '' || start === now.start);
}

/** A short name for this machine, for file names. */
export function hostToken(host = hostname()): string {
  return createHash('sha256').update(host).digest('hex').slice(0, 8);
}

/** What Linux says of a process; undefined elsewhere, or where it has ended. */
function startOf(pid: number): { state: string | undefined; start: string } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name, in parentheses, may hold spaces and parentheses itself.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0], start: fields[19] ?? '' };
  } catch {
    return undefined;
  }
}
