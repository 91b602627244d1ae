import { createHash, type KeyObject } from 'node:crypto';
import { lstat, readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { systemError } from '@ood/core';
import { discardStaleLock, recoverWholeFolder } from '@ood/core/node';
import { hashPreprocessing, parsePreprocessingSummary, summarizedFiles } from '@ood/features';
import type { TensorInfo } from '@ood/onnx';
import { GuardError } from '../errors.ts';
import { digestOfFiles } from './digest.ts';
import { corrupt, foreign, notFound, otherVersion, preprocessingChanged } from './folder-errors.ts';
import {
  FORMAT,
  filesOf,
  inputsOf,
  MANIFEST_FILE,
  type Manifest,
  NEWEST_VERSION,
  SIGNATURE_FILE,
  VERSION,
} from './manifest.ts';
import { MANIFEST_SHAPE } from './manifest-shape.ts';
import { hashPlainFile, readPlainText } from './plain-file.ts';
import { findFault } from './shape.ts';
import { verifySignature } from './signature.ts';

/** A guard's folder, verified. */
export interface ReadGuard {
  readonly manifest: Manifest;
  /** See `digestOfFiles`. */
  readonly digest: string;
}

export interface ReadFolderOptions {
  /** The digest that the guard must have. */
  readonly digest?: string | undefined;
  /** The key that must have signed it. */
  readonly verify?: KeyObject | undefined;
}

/** Most numbers of an input: probes of that size are made when the guard is opened. */
const MOST_VALUES = 2 ** 26;
/** Largest `guard.json` that is read. */
const MOST_BYTES = 1 << 24;

/**
 * What is in a guard's folder, after checking that it is the closed list of plain files that a guard of its kind has, that each
 * has the SHA-256 that `guard.json` names, and that digest and signature are those asked for.
 *
 * @throws GuardError `FILE_NOT_FOUND`, `FOREIGN_FILE`, `NEWER_VERSION`, `OLDER_VERSION`, `CORRUPT_FILE`, `PREPROCESSING_CHANGED`,
 *   `DIGEST_MISMATCH`, `BAD_SIGNATURE`; CoreError `PERMISSION_DENIED`, `READ_FAILED`
 */
export async function readFolder(folder: string, options: ReadFolderOptions = {}): Promise<ReadGuard> {
  const text = await readManifestText(folder);
  const manifest = parseManifest(folder, text);
  await requireListed(folder, manifest);
  for (const [file, sha256] of Object.entries(manifest.files)) {
    const found = await hashPlainFile(folder, file);
    if (found !== sha256) throw corrupt(folder, `${file} with SHA-256 ${sha256}`, `SHA-256 ${found}`);
  }
  const own = createHash('sha256').update(text).digest('hex');
  const digest = digestOfFiles({ ...manifest.files, [MANIFEST_FILE]: own });
  if (options.digest !== undefined && options.digest !== digest)
    throw otherDigest(folder, options.digest, digest);
  if (options.verify) {
    const isSigned = (await lstat(join(folder, SIGNATURE_FILE)).catch(() => undefined)) !== undefined;
    const signature = isSigned ? await readPlainText(folder, SIGNATURE_FILE, 10_000) : undefined;
    verifySignature(folder, { digest, text: signature, key: options.verify });
  }
  checkPreprocessing(folder, manifest);
  return { manifest, digest };
}

/** The lock of who makes a guard at this path, which is absolute. */
export const lockOf = (path: string) => `${path}.lock`;

async function readManifestText(folder: string): Promise<string> {
  // What a killed overwriting moved aside comes back, and its lock goes; who may only read leaves both.
  await recoverWholeFolder(folder);
  await discardStaleLock(lockOf(resolve(folder))).catch(() => undefined);
  const about = await stat(folder).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') throw notFound(folder);
    throw systemError(cause, { where: folder, expected: 'to read the folder of a guard' });
  });
  if (!about.isDirectory()) throw foreign(folder, about.isFile() ? 'a file' : 'neither folder nor file');
  const entries = await readdir(folder).catch((cause: unknown) => {
    throw systemError(cause, { where: folder, expected: 'to list the folder of a guard' });
  });
  if (!entries.includes(MANIFEST_FILE)) throw foreign(folder, `a folder without ${MANIFEST_FILE}`);
  return readPlainText(folder, MANIFEST_FILE, MOST_BYTES);
}

function parseManifest(folder: string, text: string): Manifest {
  const value = parse(text);
  if (value === undefined) throw corrupt(folder, `JSON in ${MANIFEST_FILE}`, 'text that does not parse');
  if (value.format !== FORMAT)
    throw foreign(
      folder,
      `${MANIFEST_FILE} of format ${(JSON.stringify(value.format) ?? 'none').slice(0, 60)}`,
    );
  if (typeof value.version === 'number' && value.version !== VERSION && value.version !== NEWEST_VERSION)
    throw otherVersion(folder, value.version);
  const fault = findFault(value, {
    version: [
      version => version === VERSION || version === NEWEST_VERSION,
      `${VERSION} or ${NEWEST_VERSION}`,
    ],
    ...MANIFEST_SHAPE,
  });
  if (fault) throw corrupt(folder, `${fault.path} in ${MANIFEST_FILE} to be ${fault.expected}`, fault.got);
  const manifest = value as unknown as Manifest;
  const inputs = inputsOf(manifest);
  if (!sameInput(inputs[0], manifest.input))
    throw corrupt(folder, `input to be the first of inputs in ${MANIFEST_FILE}`, 'another');
  for (const { dims } of inputs) {
    const values = dims.reduce<number>((product, dim) => product * (typeof dim === 'number' ? dim : 1), 1);
    if (values > MOST_VALUES)
      throw corrupt(
        folder,
        `an input of at most ${MOST_VALUES} numbers in ${MANIFEST_FILE}`,
        `[${dims.join(', ')}]`,
      );
  }
  if ((manifest.preprocessing === null) !== (manifest.preprocessingHash === null))
    throw corrupt(
      folder,
      'a hash where there is a preprocessing, and none where there is none',
      'one of the two',
    );
  if (manifest.preprocessing !== null) parsePreprocessingSummary(manifest.preprocessing);
  return manifest;
}

const sameInput = (a: TensorInfo | undefined, b: TensorInfo) =>
  a !== undefined && a.name === b.name && a.type === b.type && a.dims.join() === b.dims.join();

/** Refuses files that a guard of this kind has not, lacks, or does not list. */
async function requireListed(folder: string, manifest: Manifest): Promise<void> {
  const { required, optional } = filesOf(manifest);
  const listed = Object.keys(manifest.files);
  const missing = required.find(file => !listed.includes(file));
  if (missing !== undefined) throw corrupt(folder, `the SHA-256 of ${missing} in ${MANIFEST_FILE}`, 'none');
  const known = [...required, ...optional];
  const foreigner = listed.find(file => !known.includes(file));
  if (foreigner !== undefined)
    throw corrupt(folder, `no files but ${known.join(', ')} in ${MANIFEST_FILE}`, shortName(foreigner));
  const found = await contents(folder);
  const extra = found.find(file => ![...listed, MANIFEST_FILE, SIGNATURE_FILE].includes(file));
  if (extra !== undefined)
    throw corrupt(
      folder,
      `no files but those that ${MANIFEST_FILE} lists`,
      shortName(extra),
      'move it elsewhere, or copy the folder again',
    );
}

/** Files of a folder by their paths; hidden ones, which file managers leave, are not counted. */
async function contents(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const nested = entries.filter(entry => entry.isDirectory() && entry.name === 'probes');
  const files = entries.filter(entry => !nested.includes(entry)).map(({ name }) => name);
  for (const { name } of nested)
    files.push(...(await readdir(join(folder, name))).map(inner => `${name}/${inner}`));
  return files.filter(file => !/(^|\/)\./.test(file));
}

function checkPreprocessing(folder: string, manifest: Manifest): void {
  const { preprocessing, preprocessingHash, files } = manifest;
  if (preprocessing === null) return;
  const found = hashPreprocessing(preprocessing);
  if (found !== preprocessingHash) throw preprocessingChanged(folder, preprocessingHash ?? 'none', found);
  for (const [file, sha256] of Object.entries(summarizedFiles(preprocessing)))
    if (files[file] !== sha256)
      throw corrupt(folder, `the SHA-256 of ${file} to be that of the preprocessing`, 'another');
}

function otherDigest(folder: string, expected: string, got: string): GuardError {
  return new GuardError('DIGEST_MISMATCH', {
    where: folder,
    expected: `the guard of digest ${expected}`,
    got: `one of digest ${got}`,
    advice: 'do not use it before you know what changed; ask for the guard again',
    details: { folder, expected, got },
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

const shortName = (file: string) => JSON.stringify(file.length > 60 ? `${file.slice(0, 60)}…` : file);
