import { fileError } from '../errors.ts';

/** A file of the data set, relative to its folder. */
export interface GlyphFile {
  readonly path: string;
  readonly bytes: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
}

/** A typeface family or icon collection the images were drawn from. */
export interface GlyphSource {
  /** As in `GlyphSet.families`. */
  readonly family: string;
  readonly name: string;
  /** npm package and version it was taken from. */
  readonly package: string;
  readonly version: string;
  /** SPDX identifier. */
  readonly license: string;
  readonly copyright: string;
  /** Names of the sets that hold images of it. */
  readonly usedIn: readonly string[];
}

export interface GlyphSetEntry {
  readonly name: string;
  readonly role: 'train' | 'validation' | 'test' | 'ood';
  readonly group?: 'near' | 'far';
  readonly description: string;
  readonly count: number;
  readonly images: GlyphFile;
  readonly labels?: GlyphFile;
  readonly samples: GlyphFile;
}

/** `manifest.json` of the data set, version 1. */
export interface GlyphManifest {
  readonly format: 'ood-glyphs';
  readonly version: 1;
  readonly name: string;
  readonly description: string;
  readonly licence: string;
  readonly seed: number;
  readonly image: { readonly height: number; readonly width: number; readonly levels: number };
  readonly classes: readonly string[];
  readonly sets: readonly GlyphSetEntry[];
  readonly sources: readonly (Omit<GlyphSource, 'license'> & { readonly licence: string })[];
}

const supportedVersion = 1;

/**
 * Reads a JSON file of the data set that carries `format` and `version`.
 *
 * @throws DatasetError `CORRUPT_FILE` for what is not JSON, `FOREIGN_FILE` for other JSON, `UNSUPPORTED` for a newer version.
 */
export function parseVersioned<T>(text: string, file: string, format: string): T {
  const advice = 'reinstall @ood/datasets, or make the file anew with tooling/glyphs';
  let value: { format?: unknown; version?: unknown } | null;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw fileError('CORRUPT_FILE', {
      file,
      expected: 'JSON',
      got: `${text.length} characters that are not`,
      advice,
      cause,
    });
  }
  if (typeof value !== 'object' || value?.format !== format) {
    const got = `format ${JSON.stringify(value?.format)}`;
    throw fileError('FOREIGN_FILE', { file, expected: `format "${format}"`, got, advice });
  }
  if (value.version !== supportedVersion) {
    throw fileError('UNSUPPORTED', {
      file,
      expected: `version ${supportedVersion} of the format`,
      got: `version ${JSON.stringify(value.version)}`,
      advice: 'update @ood/datasets to a release that knows it',
    });
  }
  return value as T;
}
