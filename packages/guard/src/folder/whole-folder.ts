import { createHash, type KeyObject } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isOodError } from '@ood/core';
import { recoverWholeFolder, writeWholeFile, writeWholeFolder } from '@ood/core/node';
import { GuardError } from '../errors.ts';
import { digestOfFiles } from './digest.ts';
import { FORMAT, MANIFEST_FILE, type Manifest, SIGNATURE_FILE } from './manifest.ts';
import { hashPlainFile, readPlainText } from './plain-file.ts';
import { signDigest } from './signature.ts';

export interface WriteFolderOptions {
  /** Replace a guard that is there. Any other folder is never touched. */
  readonly overwrite: boolean;
  readonly sign: KeyObject | undefined;
}

/**
 * Writes a guard's folder whole or not at all: `fill` writes all files but the manifest, which follows with their hashes.
 *
 * @throws GuardError `FILE_EXISTS`; CoreError `DISK_FULL` and other refusals of the system
 */
export async function writeGuardFolder(
  target: string,
  fill: (temporary: string) => Promise<Omit<Manifest, 'files'>>,
  { overwrite, sign }: WriteFolderOptions,
): Promise<Manifest> {
  await requireFree(target, overwrite);
  return writeWholeFolder(target, async temporary => complete(temporary, await fill(temporary), sign), {
    replace: overwrite,
    expected: 'to write a guard',
  });
}

/** Adds manifest and signature to a folder that holds all other files. */
async function complete(
  folder: string,
  body: Omit<Manifest, 'files'>,
  sign: KeyObject | undefined,
): Promise<Manifest> {
  const manifest: Manifest = { ...body, files: await hashes(folder) };
  const text = `${JSON.stringify(manifest, null, 2)}\n`;
  await writeWholeFile(join(folder, MANIFEST_FILE), text);
  if (sign) {
    const own = createHash('sha256').update(text).digest('hex');
    const digest = digestOfFiles({ ...manifest.files, [MANIFEST_FILE]: own });
    await writeWholeFile(join(folder, SIGNATURE_FILE), signDigest(digest, sign));
  }
  // As it will be read: values that JSON does not know are gone.
  return JSON.parse(text) as Manifest;
}

/**
 * Looks whether a guard may be written there; one that a killed overwriting moved aside comes back first.
 *
 * @throws GuardError `FILE_EXISTS` unless nothing is there, or a guard that may be replaced
 */
export async function requireFree(folder: string, overwrite: boolean): Promise<void> {
  await recoverWholeFolder(folder);
  if ((await stat(folder).catch(() => undefined)) === undefined) return;
  const isGuard = await holdsGuard(folder);
  if (isGuard && overwrite) return;
  throw new GuardError('FILE_EXISTS', {
    where: folder,
    expected: 'a path where nothing is yet',
    got: isGuard ? 'a guard' : 'a folder or file that is not a guard',
    advice: isGuard
      ? 'choose another path, or allow it to be overwritten (overwrite, --overwrite)'
      : 'choose another path',
    details: { folder },
  });
}

async function holdsGuard(folder: string): Promise<boolean> {
  try {
    const text = await readPlainText(folder, MANIFEST_FILE, 1 << 24);
    return (JSON.parse(text) as Partial<Manifest> | null)?.format === FORMAT;
  } catch (error) {
    if (isOodError(error) || error instanceof SyntaxError) return false;
    throw error;
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
