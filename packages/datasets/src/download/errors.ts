import { DatasetError, type DatasetErrorCode, type PartsWithoutWhere } from '../errors.ts';

/** What the details of a failed download say. */
export interface DownloadFailure {
  readonly url: string;
  /** Whether trying again later can help. */
  readonly transient: boolean;
  /** Seconds that the server asked to wait. */
  readonly retryAfter?: number | undefined;
}

/** The error of a download from an address. What was received so far is kept where it can be resumed. */
export function downloadError(
  code: DatasetErrorCode,
  url: string,
  {
    transient = false,
    retryAfter,
    ...parts
  }: PartsWithoutWhere & { readonly transient?: boolean; readonly retryAfter?: number },
): DatasetError {
  const details: DownloadFailure = { url, transient, retryAfter };
  return new DatasetError(code, { ...parts, where: url, details: { ...details } });
}

/** The details of a failed download; undefined for any other error. */
export function downloadFailureOf(error: unknown): DownloadFailure | undefined {
  if (!(error instanceof DatasetError) || typeof error.details.transient !== 'boolean') return undefined;
  return error.details as unknown as DownloadFailure;
}
