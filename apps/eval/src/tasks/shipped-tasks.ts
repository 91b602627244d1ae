import { readdir } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readPlainFile } from '@ood/core/node';
import { BenchmarkError } from '../errors.ts';
import { parseTask } from './parse-task.ts';
import type { Task } from './task.ts';

const ENDING = '.jsonc';
const folder = new URL('../../tasks/', import.meta.url);

/** Bytes of a task that are read at most. */
const MOST_BYTES = 4 * 2 ** 20;

/** Names of the tasks that come with this package. */
export async function shippedTasks(): Promise<readonly string[]> {
  const files = await readdir(folder);
  return files
    .filter(file => file.endsWith(ENDING))
    .map(file => basename(file, ENDING))
    .sort();
}

/** The file of a task that comes with this package. @throws BenchmarkError `INVALID_OPTION` for another name */
export async function shippedTaskFile(name: string): Promise<string> {
  const known = await shippedTasks();
  if (known.includes(name)) return fileURLToPath(new URL(name + ENDING, folder));
  throw new BenchmarkError('INVALID_OPTION', {
    where: name,
    expected: `a task: ${known.join(', ')}, or a file`,
    got: 'neither',
    advice: 'see ood-eval list',
    details: { known },
  });
}

/** The task in a file. @throws as `parseTask`; CoreError where it cannot be read */
export async function readTask(path: string): Promise<Task> {
  const bytes = await readPlainFile(path, { what: 'a task', maxBytes: MOST_BYTES });
  return parseTask(new TextDecoder().decode(bytes), path);
}
