import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fileError } from '../errors.ts';
import { type GlyphSet, type LabeledGlyphSet, readGlyphSet } from './glyph-set.ts';
import { type GlyphManifest, type GlyphSource, glyphManifest, parseVersioned } from './manifest.ts';
import { readText } from './verified-file.ts';

/** Where the data ships: the same place relative to `src/glyphs` and to `dist/glyphs`. */
export const glyphsFolder = fileURLToPath(new URL('../../data/glyphs', import.meta.url));

/** The embedded data set: letters A–J in many typefaces, and OOD sets from near to far. */
export interface Glyphs {
  readonly name: string;
  readonly description: string;
  /** SPDX identifier of the data set; those of the typefaces are in `sources`. */
  readonly license: string;
  /** `A` … `J`; a label is an index into them. */
  readonly classes: readonly string[];
  readonly train: LabeledGlyphSet;
  readonly validation: LabeledGlyphSet;
  readonly test: LabeledGlyphSet;
  /** OOD sets, from near to far. */
  readonly ood: readonly GlyphSet[];
  readonly sources: readonly GlyphSource[];
}

export interface OpenGlyphsOptions {
  /** A folder made by the generator. Default: the one that ships with this package. */
  readonly folder?: string;
}

/**
 * The embedded `glyphs` data set, read from disk and verified by SHA-256: no network, no cache.
 * About 17 MB in memory.
 *
 * @throws CoreError `FILE_NOT_FOUND`; DatasetError `CORRUPT_FILE`, `FOREIGN_FILE` or `NEWER_VERSION`,
 *   each naming the file and what was expected of it.
 */
export async function openGlyphs({ folder = glyphsFolder }: OpenGlyphsOptions = {}): Promise<Glyphs> {
  const file = join(folder, 'manifest.json');
  const manifest = parseVersioned<GlyphManifest>(await readText(file), file, 'ood-glyphs', glyphManifest);
  const { name, description, licence: license, classes, image } = manifest;
  const sources = manifest.sources.map(({ licence, ...source }) => ({ ...source, license: licence }));
  const sets = await Promise.all(manifest.sets.map(entry => readGlyphSet(folder, entry, image)));
  const split = (role: GlyphSet['role']): LabeledGlyphSet => {
    const set = sets.find(candidate => candidate.role === role);
    if (set?.labels) return set as LabeledGlyphSet;
    throw fileError('CORRUPT_FILE', {
      file,
      expected: `a set of the role ${role} with labels`,
      got: 'none',
      advice: 'reinstall @ood/datasets, or make the data set anew with tooling/glyphs',
    });
  };
  return {
    name,
    description,
    license,
    classes,
    train: split('train'),
    validation: split('validation'),
    test: split('test'),
    ood: sets.filter(set => set.role === 'ood'),
    sources,
  };
}
