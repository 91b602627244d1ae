import type { StoreOptions } from '@ood/datasets';

/** What preparing is at: downloads, features of a set. */
export interface PrepareProgress {
  readonly stage: 'download' | 'extract';
  readonly part: string;
  readonly done: number;
  readonly total?: number;
  readonly imagesPerSecond?: number;
}

export interface PrepareOptions {
  /** Folder that paths of the task are relative to. */
  readonly base: string;
  /** Folder of the run. */
  readonly out: string;
  readonly limit?: number | undefined;
  readonly threads?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly now?: (() => number) | undefined;
  readonly onProgress?: ((progress: PrepareProgress) => void) | undefined;
  /** Where data sets are kept. */
  readonly store?: StoreOptions | undefined;
}
