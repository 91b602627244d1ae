import { DatasetError, type ErrorParts } from '../errors.ts';

export type ArchiveErrorCode =
  | 'UNSAFE_ENTRY'
  | 'DUPLICATE_ENTRY'
  | 'MISSING_ENTRY'
  | 'CORRUPT_ARCHIVE'
  | 'TRUNCATED_ARCHIVE'
  | 'UNSUPPORTED_ARCHIVE'
  | 'ARCHIVE_LIMIT';

/** An archive that is refused; `entry` names the member because of which, where it is one. */
export class ArchiveError extends DatasetError {
  override readonly name = 'ArchiveError';
  readonly archive: string;
  readonly entry: string | undefined;

  constructor(
    code: ArchiveErrorCode,
    parts: Omit<ErrorParts, 'where'> & { archive: string; entry?: string },
  ) {
    super(code, {
      ...parts,
      where:
        parts.entry === undefined ? parts.archive : `${parts.archive}, entry ${JSON.stringify(parts.entry)}`,
    });
    this.archive = parts.archive;
    this.entry = parts.entry;
  }
}
