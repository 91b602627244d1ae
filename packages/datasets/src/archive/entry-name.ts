import { archiveError } from './errors.ts';

/** Longest member name in bytes of UTF-16, beyond any file system's own limit. */
const MAX_NAME = 4096;

/**
 * The member name in normal form (`a/b.png`, without `./`), or `undefined` for the root itself.
 *
 * Refused are names that some platform could resolve outside a target folder, or not at all: absolute paths, drive
 * letters, `..`, backslashes, control characters, and names beyond 4096 characters.
 *
 * @throws DatasetError `UNSAFE_ENTRY`, naming the entry.
 */
export function checkEntryName(archive: string, name: string): string | undefined {
  const refuse = (got: string): never => {
    throw archiveError('UNSAFE_ENTRY', {
      archive,
      entry: name.length > 200 ? `${name.slice(0, 200)}…` : name,
      expected: 'a relative path inside the archive',
      got,
      advice: 'do not use this archive: it may be an attack',
    });
  };
  if (name.length > MAX_NAME) refuse(`a name of ${name.length} characters`);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(name)) refuse('a control character');
  if (name.includes('\\')) refuse('a backslash');
  if (name.startsWith('/')) refuse('an absolute path');
  if (/^[a-z]:/i.test(name)) refuse('a drive letter');
  const parts = name.split('/').filter(part => part !== '' && part !== '.');
  if (parts.includes('..')) refuse('a path through ".."');
  return parts.length === 0 ? undefined : parts.join('/');
}

/** Refuses members that are neither files nor folders. */
export function refuseKind(archive: string, entry: string, kind: string): never {
  throw archiveError('UNSAFE_ENTRY', {
    archive,
    entry,
    expected: 'files and folders only',
    got: `a ${kind}`,
    advice: 'repack the archive without it',
  });
}
