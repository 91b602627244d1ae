import { GuardError } from '../errors.ts';
import { MANIFEST_FILE, NEWEST_VERSION, VERSION } from './manifest.ts';

/** A guard of which a file is missing, torn or changed. */
export function corrupt(folder: string, expected: string, got: string, advice?: string): GuardError {
  return new GuardError('CORRUPT_FILE', {
    where: folder,
    expected,
    got,
    advice: advice ?? 'copy the folder again, or make the guard anew',
    details: { folder },
  });
}

export function notFound(folder: string): GuardError {
  return new GuardError('FILE_NOT_FOUND', {
    where: folder,
    expected: 'the folder of a guard',
    got: 'no such folder',
    advice: 'check the path, or make one with fitGuard or `ood fit`',
    details: { folder },
  });
}

export function foreign(folder: string, got: string): GuardError {
  return new GuardError('FOREIGN_FILE', {
    where: folder,
    expected: `the folder of a guard, with its ${MANIFEST_FILE}`,
    got,
    advice: 'give the folder that fitGuard or `ood fit` wrote',
    details: { folder },
  });
}

export function otherVersion(folder: string, version: number): GuardError {
  const newer = version > NEWEST_VERSION;
  return new GuardError(newer ? 'NEWER_VERSION' : 'OLDER_VERSION', {
    where: folder,
    expected: `a guard of format version ${VERSION} or ${NEWEST_VERSION}`,
    got: `version ${version}`,
    advice: newer
      ? 'update @ood/guard to read it'
      : 'make it anew with fitGuard or `ood fit`: guards of that version could be changed without notice',
    details: { folder, version },
  });
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
