import { DatasetError, type ErrorParts } from '../errors.ts';

export type DownloadErrorCode =
  | 'BAD_ADDRESS'
  | 'OFFLINE'
  | 'HTTP_STATUS'
  | 'NETWORK'
  | 'STALLED'
  | 'CUT_SHORT'
  | 'TOO_LARGE'
  | 'SIZE_MISMATCH'
  | 'CHECKSUM_MISMATCH'
  | 'NOT_THE_FILE'
  | 'INSECURE_REDIRECT'
  | 'ENCODED_RESPONSE'
  | 'DISK_FULL'
  | 'LOCKED'
  | 'LOCK_LOST'
  | 'BAD_RECORD';

/** A download that did not succeed. What was received so far is kept where it can be resumed. */
export class DownloadError extends DatasetError {
  override readonly name = 'DownloadError';
  readonly url: string | undefined;
  /** Whether trying again later can help. */
  readonly transient: boolean;
  /** Seconds the server asked to wait. */
  readonly retryAfter: number | undefined;

  constructor(
    code: DownloadErrorCode,
    parts: ErrorParts & { url?: string; transient?: boolean; retryAfter?: number },
  ) {
    super(code, parts);
    this.url = parts.url;
    this.transient = parts.transient ?? false;
    this.retryAfter = parts.retryAfter;
  }
}

/** The error of a download from an address. */
export function downloadFailure(
  code: DownloadErrorCode,
  url: string,
  parts: Omit<ErrorParts, 'where'> & { readonly transient?: boolean },
): DownloadError {
  return new DownloadError(code, { where: url, url, ...parts });
}
