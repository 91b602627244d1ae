import { fileError } from '../errors.ts';
import { anyOf, fields, innerPath, list, optional, type Shape, size, text } from './json-shape.ts';

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

/** The shape of a file entry. */
export const glyphFile = fields({ path: innerPath, bytes: size, sha256: text });

/** The shape of `manifest.json`. */
export const glyphManifest = fields({
  name: text,
  description: text,
  licence: text,
  image: fields({ height: size, width: size }),
  classes: list(text),
  sets: list(
    fields({
      name: text,
      role: anyOf('train', 'validation', 'test', 'ood'),
      group: optional(anyOf('near', 'far')),
      description: text,
      count: size,
      images: glyphFile,
      labels: optional(glyphFile),
      samples: glyphFile,
    }),
  ),
  sources: list(fields({ family: text, licence: text })),
});

/**
 * Reads a JSON file of the data set that carries `format` and `version`.
 *
 * @throws DatasetError `CORRUPT_FILE` for what is not JSON or not of the shape, `FOREIGN_FILE` for other JSON, `NEWER_VERSION`.
 */
export function parseVersioned<T>(text: string, file: string, format: string, shape: Shape): T {
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
    throw fileError(Number(value.version) > supportedVersion ? 'NEWER_VERSION' : 'UNSUPPORTED', {
      file,
      expected: `version ${supportedVersion} of the format`,
      got: `version ${JSON.stringify(value.version)}`,
      advice: 'update @ood/datasets to a release that knows it',
    });
  }
  const wrong = shape(value, '');
  if (wrong !== undefined) {
    throw fileError('CORRUPT_FILE', {
      file,
      expected: `${format} with ${wrong} as it should be`,
      got: 'another value',
      advice,
    });
  }
  return value as T;
}
