import { join } from 'node:path';
import { createWholeFile, type WholeFile, withLock } from '@ood/core/node';

export interface WriteRunOptions {
  /** Ends the wait for another run that writes into the same folder. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Writes files of a run into a folder, each first under a temporary name and renamed when all are complete, so that no
 * half-written file is ever found under a final name. Two runs that write into one folder do so one after the other: its files
 * are those of one of them.
 *
 * @returns the paths written, in the order given.
 * @throws CoreError `NOT_A_FOLDER`, `NOT_A_FILE`, `DISK_FULL` and other refusals of the system; `ABORTED`
 */
export async function writeRun(
  folder: string,
  files: Readonly<Record<string, string | Uint8Array>>,
  { signal }: WriteRunOptions = {},
): Promise<string[]> {
  return withLock(join(folder, '.ood-lock'), () => writeAll(folder, files), { where: folder, signal });
}

async function writeAll(
  folder: string,
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<string[]> {
  const begun: WholeFile[] = [];
  try {
    for (const [name, content] of Object.entries(files)) {
      const file = await createWholeFile(join(folder, name));
      begun.push(file);
      await file.write(content);
    }
    for (const file of begun) await file.commit();
    return begun.map(({ path }) => path);
  } finally {
    for (const file of begun) await file.discard();
  }
}
