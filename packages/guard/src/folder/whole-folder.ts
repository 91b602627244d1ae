import type { KeyObject } from 'node:crypto';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GuardError } from '../errors.ts';
import { digestOfFiles } from './digest.ts';
import { FORMAT, MANIFEST_FILE, type Manifest, SIGNATURE_FILE } from './manifest.ts';
import { hashPlainFile } from './plain-file.ts';
import { signDigest } from './signature.ts';

/** Makes sure that a guard may be written there. @throws GuardError `FILE_EXISTS` */
export async function claimFolder(target: string, overwrite: boolean): Promise<() => Promise<void>> {
  await requireFree(target, overwrite);
  return async () => {};
}

export interface WriteFolderOptions {
  /** Replace a guard that is there. Any other folder is never touched. */
  readonly overwrite: boolean;
  readonly sign: KeyObject | undefined;
}

/**
 * Writes a guard's folder whole or not at all: `fill` fills a folder of a temporary name, which gets its own when the
 * manifest with the hashes of all files is in it.
 *
 * @throws GuardError `FILE_EXISTS`
 */
export async function writeGuardFolder(
  target: string,
  fill: (temporary: string) => Promise<Omit<Manifest, 'files'>>,
  { overwrite, sign }: WriteFolderOptions,
): Promise<Manifest> {
  await requireFree(target, overwrite);
  const temporary = `${target}.incomplete`;
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary, { recursive: true });
  try {
    const body = await fill(temporary);
    const manifest = await complete(temporary, body, sign);
    await replace(target, temporary);
    return manifest;
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  }
}

/** Adds manifest and signature to a folder that holds all other files. */
async function complete(
  folder: string,
  body: Omit<Manifest, 'files'>,
  sign: KeyObject | undefined,
): Promise<Manifest> {
  const manifest: Manifest = { ...body, files: await hashes(folder) };
  const text = `${JSON.stringify(manifest, null, 2)}\n`;
  await writeFile(join(folder, MANIFEST_FILE), text);
  if (sign) {
    const own = createHash('sha256').update(text).digest('hex');
    const digest = digestOfFiles({ ...manifest.files, [MANIFEST_FILE]: own });
    await writeFile(join(folder, SIGNATURE_FILE), signDigest(digest, sign));
  }
  // As it will be read: values that JSON does not know are gone.
  return JSON.parse(text) as Manifest;
}

/** Gives a folder its name; a guard of that name makes room first, so that at no moment neither is there. */
async function replace(target: string, complete: string): Promise<void> {
  const former = `${target}.replaced`;
  await rm(former, { recursive: true, force: true });
  if (await exists(target)) await rename(target, former);
  await rename(complete, target);
  await rm(former, { recursive: true, force: true });
}

/** @throws GuardError `FILE_EXISTS` unless nothing is there, or a guard that may be replaced */
async function requireFree(folder: string, overwrite: boolean): Promise<void> {
  if (!(await exists(folder))) return;
  const isGuard = await holdsGuard(folder);
  if (isGuard && overwrite) return;
  throw new GuardError('FILE_EXISTS', {
    where: folder,
    expected: 'a path where nothing is yet',
    got: isGuard ? 'a guard' : 'a folder or file that is not a guard',
    advice: isGuard
      ? 'choose another path, or overwrite it (overwrite: true, --overwrite)'
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
  for (const file of files) pairs.push([file, await hashPlainFile(folder, file)]);
  return Object.fromEntries(pairs);
}

/** What an interrupted overwriting left beside a folder that is not there. */
export async function leftoverOf(folder: string): Promise<string | undefined> {
  const former = `${folder}.replaced`;
  return (await exists(former)) ? former : undefined;
}
