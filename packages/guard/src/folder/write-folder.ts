import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { GuardError } from '../errors.ts';
import { FORMAT, MANIFEST_FILE, type Manifest } from './manifest.ts';
import { sha256File } from './sha256.ts';

export interface WriteFolderOptions {
  /** Replace a guard that is there. Any other folder is never touched. Default: false. */
  readonly overwrite?: boolean;
}

/**
 * Writes a guard's folder whole or not at all: `write` fills a folder of a temporary name, which gets its own when the
 * manifest with the hashes of all files is in it.
 *
 * @throws GuardError `FOLDER_EXISTS`
 */
export async function writeFolder(
  folder: string,
  write: (temporary: string) => Promise<Omit<Manifest, 'files'>>,
  { overwrite = false }: WriteFolderOptions = {},
): Promise<Manifest> {
  const target = resolve(folder);
  await requireFree(target, overwrite);
  const temporary = `${target}.incomplete`;
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary, { recursive: true });
  try {
    const body = await write(temporary);
    const manifest: Manifest = { ...body, files: await hashes(temporary) };
    await writeFile(join(temporary, MANIFEST_FILE), `${JSON.stringify(manifest, null, 2)}\n`);
    await replace(target, temporary);
    return manifest;
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  }
}

/** Gives a folder its name; a guard of that name makes room first, so that at no moment neither is there. */
async function replace(target: string, complete: string): Promise<void> {
  const former = `${target}.replaced`;
  await rm(former, { recursive: true, force: true });
  if (await exists(target)) await rename(target, former);
  await rename(complete, target);
  await rm(former, { recursive: true, force: true });
}

/** @throws GuardError `FOLDER_EXISTS` unless nothing is there, or a guard that may be replaced */
export async function requireFree(folder: string, overwrite: boolean): Promise<void> {
  if (!(await exists(folder))) return;
  const isGuard = await holdsGuard(folder);
  if (isGuard && overwrite) return;
  throw new GuardError('FOLDER_EXISTS', {
    where: folder,
    expected: 'a path where nothing is yet',
    got: isGuard ? 'a guard' : 'a folder or file that is not a guard',
    advice: isGuard
      ? 'choose another path, or allow it to be overwritten (overwrite, --overwrite)'
      : 'choose another path',
    details: { folder },
  });
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

async function holdsGuard(folder: string): Promise<boolean> {
  const text = await readFile(join(folder, MANIFEST_FILE), 'utf8').catch(() => '');
  try {
    return (JSON.parse(text) as Partial<Manifest> | null)?.format === FORMAT;
  } catch {
    return false;
  }
}

async function hashes(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter(entry => entry.isFile())
    .map(entry =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    )
    .sort();
  const pairs: [string, string][] = [];
  for (const file of files) pairs.push([file, await sha256File(join(folder, file))]);
  return Object.fromEntries(pairs);
}
