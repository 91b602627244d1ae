import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hashPreprocessing, parsePreprocessing } from '@ood/features';
import { GuardError } from '../errors.ts';
import { FORMAT, MANIFEST_FILE, type Manifest, VERSION } from './manifest.ts';
import { sha256File } from './sha256.ts';

/**
 * The manifest of the guard in a folder, after checking that the folder is whole and its preprocessing is the one it was
 * made with.
 *
 * @throws GuardError `GUARD_NOT_FOUND`, `UNREADABLE`, `FOREIGN_FOLDER`, `NEWER_VERSION`, `CORRUPT_GUARD`, `PREPROCESSING_CHANGED`
 */
export async function readFolder(folder: string): Promise<Manifest> {
  const manifest = await readManifest(folder);
  for (const [file, sha256] of Object.entries(manifest.files)) {
    const found = await sha256File(join(folder, file)).catch(absent(folder, file));
    if (found === sha256) continue;
    throw corrupt(
      folder,
      `${file} with SHA-256 ${sha256}`,
      found === undefined ? 'no such file' : `SHA-256 ${found}`,
    );
  }
  checkPreprocessing(folder, manifest);
  return manifest;
}

async function readManifest(folder: string): Promise<Manifest> {
  const about = await stat(folder).catch(absent(folder, 'the folder of a guard'));
  if (about === undefined) {
    throw new GuardError('GUARD_NOT_FOUND', {
      where: folder,
      expected: 'the folder of a guard',
      got: 'no such folder',
      advice: 'check the path, or make one with createGuard or `ood fit`',
      details: { folder },
    });
  }
  const text = about.isDirectory()
    ? await readFile(join(folder, MANIFEST_FILE), 'utf8').catch(absent(folder, MANIFEST_FILE))
    : undefined;
  if (text === undefined) {
    throw foreign(folder, about.isDirectory() ? `a folder without ${MANIFEST_FILE}` : 'a file');
  }
  const value = parse(text);
  if (value === undefined) throw corrupt(folder, `JSON in ${MANIFEST_FILE}`, 'text that does not parse');
  if (value.format !== FORMAT)
    throw foreign(folder, `${MANIFEST_FILE} of format ${JSON.stringify(value.format)}`);
  if (typeof value.version === 'number' && value.version > VERSION) {
    throw new GuardError('NEWER_VERSION', {
      where: folder,
      expected: `a guard of format version ${VERSION} or earlier`,
      got: `version ${value.version}`,
      advice: 'update @ood/guard to read it',
      details: { folder, version: value.version },
    });
  }
  const missing = REQUIRED.find(([key, type]) => typeof value[key] !== type || value[key] === null);
  if (value.version !== VERSION || missing) {
    throw corrupt(
      folder,
      `a version and ${REQUIRED.map(([key]) => key).join(', ')} in ${MANIFEST_FILE}`,
      `no ${missing?.[0] ?? 'version'}`,
    );
  }
  return value as unknown as Manifest;
}

const REQUIRED = [
  ['backbone', 'object'],
  ['input', 'object'],
  ['featureSize', 'number'],
  ['detector', 'object'],
  ['scoredBy', 'string'],
  ['calibration', 'object'],
  ['probes', 'object'],
  ['files', 'object'],
] as const;

function checkPreprocessing(folder: string, { preprocessing, preprocessingHash }: Manifest): void {
  if (preprocessing === null && preprocessingHash === null) return;
  const found = preprocessing === null ? 'none' : hashPreprocessing(parsePreprocessing(preprocessing));
  if (found === preprocessingHash) return;
  throw preprocessingChanged(folder, preprocessingHash ?? 'none', found);
}

/** The error for a preprocessing of another hash. */
export function preprocessingChanged(where: string, expected: string, got: string): GuardError {
  return new GuardError('PREPROCESSING_CHANGED', {
    where,
    expected: `the preprocessing that the guard was made with (SHA-256 ${expected})`,
    got: `another (SHA-256 ${got})`,
    advice: 'restore it, or make a new guard: detector and threshold belong to the preprocessing',
    details: { expected, got },
  });
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return undefined;
  }
}

function foreign(folder: string, got: string): GuardError {
  return new GuardError('FOREIGN_FOLDER', {
    where: folder,
    expected: `the folder of a guard, with its ${MANIFEST_FILE}`,
    got,
    advice: 'give the folder that createGuard or `ood fit` wrote',
    details: { folder },
  });
}

/** What a file that is not there reads as; one that is there and cannot be read is another matter. */
function absent(folder: string, what: string) {
  return (error: NodeJS.ErrnoException): undefined => {
    if (ABSENT.has(error.code)) return undefined;
    throw new GuardError('UNREADABLE', {
      where: folder,
      expected: `to read ${what}`,
      got: error.code ?? error.message,
      advice: 'look at its permissions, and at the disk',
      details: { folder },
      cause: error,
    });
  };
}

const ABSENT: ReadonlySet<string | undefined> = new Set(['ENOENT', 'ENOTDIR', 'EISDIR']);

function corrupt(folder: string, expected: string, got: string): GuardError {
  return new GuardError('CORRUPT_GUARD', {
    where: folder,
    expected,
    got,
    advice: 'copy the folder again, or make the guard anew',
    details: { folder },
  });
}
