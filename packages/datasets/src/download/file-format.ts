import { open } from 'node:fs/promises';

/** Kinds of files of the catalog, by what they begin with. */
export type FileFormat = 'gzip' | 'zip' | 'tar' | 'mat' | 'text';

const MAGIC: Readonly<Record<Exclude<FileFormat, 'text'>, { readonly at: number; readonly bytes: string }>> =
  {
    gzip: { at: 0, bytes: '\x1f\x8b' },
    zip: { at: 0, bytes: 'PK' },
    tar: { at: 257, bytes: 'ustar' },
    mat: { at: 0, bytes: 'MATLAB 5.0' },
  };

/**
 * Whether a file begins like its format. Without a checksum this is what tells a file from the error page that was
 * served in its place, before that page is pinned.
 */
export async function looksLike(path: string, format: FileFormat): Promise<boolean> {
  const file = await open(path);
  try {
    const head = Buffer.alloc(512);
    const { bytesRead } = await file.read(head, 0, head.length, 0);
    const text = head.subarray(0, bytesRead).toString('latin1');
    if (format === 'text') return !/^\s*<(!doctype|html)/i.test(text);
    const { at, bytes } = MAGIC[format];
    return text.startsWith(bytes, at);
  } finally {
    await file.close();
  }
}
