import type { SampleKey } from '../contract/sample.ts';

/** Names that cameras, browsers and systems give to the formats that decoders know: JPEG, PNG, WebP, BMP, GIF, TIFF, PNM, AVIF. */
const EXTENSIONS = /\.(jpe?g|jpe|jfif|jif|jfi|pjpeg|pjp|a?png|webp|bmp|dib|gif|tiff?|p[pgbn]m|avif)$/i;

/** Whether a file name is that of an image; hidden files (also macOS's `._x.jpg`) are not. */
export function isImageName(name: string): boolean {
  return EXTENSIONS.test(name) && !/(^|\/)\./.test(name);
}

/** Whether a file name is that of a recording that is read: WAV or FLAC. */
export function isAudioName(name: string): boolean {
  return /\.(wave?|flac)$/i.test(name) && !/(^|\/)\./.test(name);
}

/** Why a file of a folder or archive is not among its images. */
export type LeftOutReason = 'not an image by its name' | 'a link that leads nowhere' | 'not a plain file';

/** Files that were found beside the images and not taken: a picture among them was never looked at. Hidden files do not count. */
export interface LeftOut {
  readonly count: number;
  /** The first few, with their paths relative to the root. */
  readonly examples: readonly { readonly path: string; readonly reason: LeftOutReason }[];
}

const MOST_EXAMPLES = 5;

/** Counts what is left out and keeps the first few. */
export class LeftOutCounter {
  #count = 0;
  readonly #examples: LeftOut['examples'][number][] = [];

  add(path: string, reason: LeftOutReason): void {
    if (/(^|\/)\./.test(path)) return;
    this.#count += 1;
    if (this.#examples.length < MOST_EXAMPLES) this.#examples.push({ path, reason });
  }

  total(): LeftOut {
    return { count: this.#count, examples: this.#examples };
  }
}

/** Names to labels: `classes` in order, and for each path its class. */
export interface LabeledPaths {
  readonly classes: readonly string[] | undefined;
  key(index: number): SampleKey;
}

/**
 * Labels paths (relative, with `/`) by their first folder; where there are no folders, or `classes` is `'none'`, there
 * are no labels. Classes are numbered in sorted order, as torchvision does.
 */
export function labelByFolder(paths: readonly string[], classes: 'folders' | 'none'): LabeledPaths {
  const folderOf = (path: string) => (path.includes('/') ? path.slice(0, path.indexOf('/')) : undefined);
  const names =
    classes === 'none' ? [] : [...new Set(paths.map(folderOf).filter(name => name !== undefined))].sort();
  const code = new Map(names.map((name, i) => [name, i]));
  return {
    classes: names.length === 0 ? undefined : names,
    key(index) {
      const id = paths[index]!;
      const label = code.get(folderOf(id) ?? '');
      return label === undefined ? { id } : { id, label };
    },
  };
}

/** The longest run of folders that all paths begin with, with its final `/`; `''` where there is none. */
export function commonFolder(paths: readonly string[]): string {
  const first = paths[0] ?? '';
  let end = first.lastIndexOf('/') + 1;
  for (const path of paths) {
    while (end > 0 && !path.startsWith(first.slice(0, end))) end = first.lastIndexOf('/', end - 2) + 1;
  }
  return first.slice(0, end);
}
