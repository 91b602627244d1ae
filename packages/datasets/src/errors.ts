import { commonCodes, type ErrorKind, type ErrorParts, OodError } from '@ood/core';

const codes = {
  ...commonCodes,
  // Samples
  /** No image file where images were expected. */
  NO_IMAGES: 'input',
  /** An image that a list names is not there. */
  MISSING_IMAGE: 'input',
  /** An array that holds no images. */
  NOT_IMAGES: 'input',
  /** A sample without decoded pixels. */
  NOT_PIXELS: 'input',
  /** A sample that is no vector. */
  NOT_A_VECTOR: 'input',
  /** Labels of other samples. */
  LABELS_DO_NOT_FIT: 'input',
  INDEX_OUT_OF_RANGE: 'usage',
  UNKNOWN_CLASS: 'usage',
  UNKNOWN_SPLIT: 'usage',
  // Catalog
  UNKNOWN_DATASET: 'usage',
  /** A data set that cannot be downloaded, and whose folder nobody named. */
  FOLDER_NEEDED: 'usage',
  /** Images, not classes, are to be removed from an OOD set. */
  OVERLAP_NOT_BY_CLASS: 'usage',
  // Archives
  /** A member whose name or kind could do harm. */
  UNSAFE_ENTRY: 'input',
  DUPLICATE_ENTRY: 'input',
  MISSING_ENTRY: 'input',
  // Downloads
  OFFLINE: 'environment',
  HTTP_STATUS: 'environment',
  NETWORK: 'environment',
  /** No byte for too long. */
  STALLED: 'environment',
  /** The response ended early. */
  CUT_SHORT: 'environment',
  INSECURE_REDIRECT: 'environment',
  ENCODED_RESPONSE: 'environment',
  /** A web page in place of the file. */
  NOT_THE_FILE: 'input',
  SIZE_MISMATCH: 'input',
  CHECKSUM_MISMATCH: 'input',
} as const satisfies Readonly<Record<string, ErrorKind>>;

export type DatasetErrorCode = keyof typeof codes;

/** A failure of this package; what the operating system refuses is a `CoreError`. Both are recognised by `isOodError` of `@ood/core`. */
export class DatasetError extends OodError<DatasetErrorCode> {
  override readonly name = 'DatasetError';

  constructor(code: DatasetErrorCode, parts: ErrorParts) {
    super(code, codes, parts);
  }
}

/** The parts of an error about something that has a place of its own. */
export type PartsWithoutWhere = Omit<ErrorParts, 'where' | 'details'>;

/** The error of a file that is not what its reader expects; `details` name the file and the byte at which it was noticed. */
export function fileError(
  code: DatasetErrorCode,
  { file, offset, ...parts }: PartsWithoutWhere & { readonly file: string; readonly offset?: number },
): DatasetError {
  const where = offset === undefined ? file : `${file} at byte ${offset}`;
  return new DatasetError(code, {
    advice: 'check that this is the right file and that it arrived whole',
    ...parts,
    where,
    details: { file, offset },
  });
}

/** The error of a reader that found something else than it expected in a source. */
export function unreadable(
  code: DatasetErrorCode,
  source: { readonly name: string },
  parts: PartsWithoutWhere & { readonly offset?: number },
): DatasetError {
  return fileError(code, { file: source.name, ...parts });
}
