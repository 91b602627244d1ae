import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { type Io, requirePath } from '@ood/terminal';
import { readTask, shippedTaskFile } from '../tasks/shipped-tasks.ts';
import type { Task } from '../tasks/task.ts';

export interface OpenTask {
  readonly task: Task;
  /** Folder that its paths are relative to. */
  readonly base: string;
}

/**
 * The task that a word of the command line names: a file, or one that comes along. Its paths are relative to its own folder, those of a task
 * that comes along to the current one, unless `base` says another.
 */
export async function openTask(word: string, io: Io, base?: string): Promise<OpenTask> {
  const path = resolve(io.cwd, word);
  const isFile = (await stat(path).catch(() => undefined))?.isFile() === true;
  if (!isFile && /[/\\]|\.jsonc?$/.test(word)) await requirePath(word, io, 'a task, as JSON');
  const task = await readTask(isFile ? path : await shippedTaskFile(word));
  const own = isFile ? dirname(path) : io.cwd;
  return { task, base: base === undefined ? own : await requirePath(base, io, 'a folder') };
}
