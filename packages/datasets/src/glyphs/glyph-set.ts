import { join } from 'node:path';
import { type DatasetError, fileError } from '../errors.ts';
import type { GlyphFile, GlyphSetEntry } from './manifest.ts';
import { readVerifiedGzip } from './verified-file.ts';

/** A split or an OOD set as plain data; row i of every field belongs to sample i. */
export interface GlyphSet {
  readonly name: string;
  readonly role: 'train' | 'validation' | 'test' | 'ood';
  /** How far an OOD set is from the letters A–J. */
  readonly group?: 'near' | 'far';
  readonly description: string;
  readonly count: number;
  readonly height: number;
  readonly width: number;
  /** `[count, height, width]`, row by row, ink = 255 on 0. */
  readonly pixels: Uint8Array;
  /** `[count]`, index into the data set's classes; absent in OOD sets. */
  readonly labels?: Int32Array;
  /** `[count]`, unique over all sets and stable: `set/family/style/symbol/variant`. */
  readonly ids: readonly string[];
  /** `[count]`, typeface family, icon collection or kind of generator; no two splits share one. */
  readonly families: readonly string[];
  /** `[count]`, the character drawn, the icon's name, or the pattern's kind. */
  readonly symbols: readonly string[];
}

/** A split with labels. */
export interface LabeledGlyphSet extends GlyphSet {
  readonly labels: Int32Array;
}

/** The data of a gzipped IDX file of bytes whose sizes are known. */
async function readIdx(folder: string, entry: GlyphFile, sizes: readonly number[]): Promise<Uint8Array> {
  const bytes = await readVerifiedGzip(folder, entry);
  const header = Buffer.alloc(4 + 4 * sizes.length);
  header.writeUInt32BE(0x0800 + sizes.length);
  for (const [i, size] of sizes.entries()) header.writeUInt32BE(size, 4 + 4 * i);
  const length = sizes.reduce((a, b) => a * b, 1);
  if (bytes.length !== header.length + length || !bytes.subarray(0, header.length).equals(header)) {
    throw inconsistent(folder, entry, `an IDX file of ${sizes.join(' × ')} bytes`);
  }
  return Uint8Array.from(bytes.subarray(header.length));
}

async function readSamples(folder: string, { name, samples, count }: GlyphSetEntry) {
  const lines = (await readVerifiedGzip(folder, samples)).toString('utf8').trimEnd().split('\n');
  const rows = lines.map(line => line.split('\t'));
  if (rows.length !== count || rows.some(row => row.length !== 4)) {
    throw inconsistent(folder, samples, `${count} lines of family, style, symbol, variant`);
  }
  return {
    ids: rows.map(row => `${name}/${row.join('/')}`),
    families: rows.map(row => row[0]!),
    symbols: rows.map(row => row[2]!),
  };
}

function inconsistent(folder: string, entry: GlyphFile, expected: string): DatasetError {
  return fileError('CORRUPT_FILE', {
    file: join(folder, entry.path),
    expected,
    got: 'another layout',
    advice: 'reinstall @ood/datasets, or make the data set anew with tooling/glyphs',
  });
}

/** The images, labels and provenance of one set. Errors as `openGlyphs`. */
export async function readGlyphSet(
  folder: string,
  entry: GlyphSetEntry,
  { height, width }: { readonly height: number; readonly width: number },
): Promise<GlyphSet> {
  const { name, role, group, description, count } = entry;
  const [pixels, labels, samples] = await Promise.all([
    readIdx(folder, entry.images, [count, height, width]),
    entry.labels && readIdx(folder, entry.labels, [count]),
    readSamples(folder, entry),
  ]);
  return {
    name,
    role,
    ...(group && { group }),
    description,
    count,
    height,
    width,
    pixels,
    ...(labels && { labels: Int32Array.from(labels) }),
    ...samples,
  };
}
