import type { RemoteFile } from '../download/download-file.ts';
import type { FileFormat } from '../download/file-format.ts';

/** A file of a data set: where it can be had and what is known of it. */
export interface CatalogFile extends RemoteFile {
  /** Its name in the data folder. */
  readonly name: string;
  readonly format: FileFormat;
  /** Only downloaded when this split is asked for. Default: always. */
  readonly split?: string;
}

/** How a split is read from the files. */
export type SplitLayout =
  | {
      readonly kind: 'cifar';
      readonly archive: string;
      readonly entries: readonly string[];
      readonly variant: 'cifar10' | 'cifar100';
    }
  | { readonly kind: 'idx'; readonly images: string; readonly labels: string }
  | { readonly kind: 'svhn'; readonly file: string }
  | {
      readonly kind: 'archive';
      readonly archive: string;
      /** Folder inside the archive. */
      readonly root?: string;
      readonly classes: 'folders' | 'none';
      /** Lists inside the archive (paths relative to `root`) that say which images are in the split. */
      readonly lists?: readonly string[];
    }
  | { readonly kind: 'tiny-imagenet'; readonly archive: string; readonly part: 'train' | 'val' }
  | { readonly kind: 'folder'; readonly folder: string; readonly classes: 'folders' | 'none' };

export interface CatalogSplit {
  readonly layout: SplitLayout;
  /** Number of samples, where it is published. */
  readonly samples?: number;
  readonly description?: string;
}

/** Classes of this set that a benchmark with the named ID set removes, because they are ID. */
export interface CatalogOverlap {
  /** ID data set. */
  readonly id: string;
  /** What is removed, in words. */
  readonly removed: string;
  /** Names of the classes, where it is whole classes (see `withoutOverlap`); empty: nothing is left to remove. */
  readonly classes?: readonly string[];
}

/** A public data set: what it is, where it comes from, how it is read and used, and what of this is not verified. */
export interface CatalogEntry {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** SPDX identifier, or the terms in words. */
  readonly license: string;
  readonly citation: string;
  readonly homepage: string;
  /** Classes in order of their labels; absent where they come from the files. */
  readonly classes?: readonly string[];
  /** Empty for a data set that cannot be downloaded: the user provides its folder. */
  readonly files: readonly CatalogFile[];
  readonly splits: Readonly<Record<string, CatalogSplit>>;
  /** Which split the literature uses, and how. */
  readonly usage: string;
  readonly overlaps: readonly CatalogOverlap[];
  /** What could not be verified when the entry was written. */
  readonly unverified: readonly string[];
}

/** Whether any checksum of the file was known beforehand; if not it is pinned on first use. */
export function hasChecksum(file: CatalogFile): boolean {
  return file.sha256 !== undefined || file.md5 !== undefined;
}
