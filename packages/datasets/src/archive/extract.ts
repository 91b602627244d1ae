import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Progress, throwIfAborted } from '@ood/core';
import { writeWholeFolder } from '@ood/core/node';
import type { BytesInput } from '../bytes/byte-source.ts';
import { atPath } from '../bytes/file-error.ts';
import { archiveError } from './errors.ts';
import type { ArchiveLimits } from './limits.ts';
import { openArchive } from './open-archive.ts';

export interface ExtractOptions extends ArchiveLimits {
  /** Which entries. Default: all. */
  readonly include?: (name: string) => boolean;
  readonly signal?: AbortSignal;
  /** Called for each file written; the stage is `'extract'`. */
  readonly onProgress?: (progress: Progress) => void;
}

/**
 * Unpacks an archive into a folder that does not exist yet: whole or not at all (`writeWholeFolder`). Only plain files are
 * written, never links, modes or owners.
 *
 * @returns the number of files.
 * @throws CoreError `FILE_EXISTS`, before anything is read, `DISK_FULL` and other refusals of the system; DatasetError where the
 *   archive is refused, a name is unsafe, or two differ in upper and lower case only
 */
export async function extractArchive(
  input: BytesInput,
  target: string,
  options: ExtractOptions = {},
): Promise<number> {
  const { include = () => true, signal, onProgress } = options;
  return writeWholeFolder(target, async folder => {
    const archive = await openArchive(input, options);
    const chosen = archive.entries.map(({ name }) => include(name));
    const folded = new Map<string, string>();
    archive.entries.forEach(({ name }, i) => {
      if (chosen[i]) refuseCollision(archive.name, name, folded);
    });
    const total = chosen.filter(Boolean).length;
    let done = 0;
    for await (const { index, bytes } of archive.stream(i => chosen[i] === true)) {
      throwIfAborted('extractArchive', signal);
      const { name } = archive.entries[index]!;
      const path = join(folder, name);
      await atPath(join(target, name), 'to write it', async () => {
        await mkdir(dirname(path), { recursive: true });
        await writeFile(path, bytes, { flag: 'wx' });
      });
      done += 1;
      onProgress?.({ stage: 'extract', done, total });
    }
    return done;
  });
}

/** File systems that ignore case would let one entry overwrite another, or a file stand where a folder must be. */
function refuseCollision(archive: string, name: string, folded: Map<string, string>): void {
  const lower = name.toLowerCase();
  const parts = lower.split('/');
  const clash =
    folded.get(lower) ?? parts.map((_, i) => folded.get(parts.slice(0, i).join('/'))).find(Boolean);
  if (clash !== undefined) {
    throw archiveError('UNSAFE_ENTRY', {
      archive,
      entry: name,
      expected: 'names that differ on every file system',
      got: `a clash with ${JSON.stringify(clash)}`,
      advice: 'read the archive in place instead',
    });
  }
  folded.set(lower, name);
}
