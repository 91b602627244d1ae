import { DatasetError, type DatasetErrorCode, type PartsWithoutWhere } from '../errors.ts';

/** The error of an archive that is refused; `details` name the archive and the member because of which, where it is one. */
export function archiveError(
  code: DatasetErrorCode,
  { archive, entry, ...parts }: PartsWithoutWhere & { readonly archive: string; readonly entry?: string },
): DatasetError {
  const where = entry === undefined ? archive : `${archive}, entry ${JSON.stringify(entry)}`;
  return new DatasetError(code, { ...parts, where, details: { archive, entry } });
}
