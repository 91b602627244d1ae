import { createHash } from 'node:crypto';
import { canonicalJson } from '@ood/core';
import { FeaturesError } from '../errors.ts';
import type { AudioPreprocessing } from './audio-preprocessing.ts';
import type { ImagePreprocessing } from './image-preprocessing.ts';
import { parsePreprocessing } from './parse.ts';
import { kindOf, type Preprocessing, type PreprocessingKind } from './preprocessing.ts';
import type { TextPreprocessing } from './text-preprocessing.ts';

/** Members that are whole files, by the name of the file, of each kind. */
const files: Readonly<Record<PreprocessingKind, Readonly<Record<string, string>>>> = {
  image: {},
  text: { tokenizer: 'tokenizer.json' },
  audio: {},
};

/** A description in which whole files stand as their SHA-256, for where they would be repeated. */
export type PreprocessingSummary =
  | ImagePreprocessing
  | AudioPreprocessing
  | (Omit<TextPreprocessing, 'tokenizer'> & { readonly tokenizer: { readonly sha256: string } });

/** SHA-256 (hex) of the description's canonical JSON, files by their own: two descriptions with the same hash treat every input alike. */
export function hashPreprocessing(preprocessing: Preprocessing | PreprocessingSummary): string {
  return sha256(canonicalJson(summarizePreprocessing(preprocessing)));
}

/** The description with whole files as their SHA-256; images and recordings have none. */
export function summarizePreprocessing(
  preprocessing: Preprocessing | PreprocessingSummary,
): PreprocessingSummary {
  const members = Object.keys(files[kindOf(preprocessing)]);
  if (members.length === 0) return preprocessing as PreprocessingSummary;
  const summary: Record<string, unknown> = { ...preprocessing };
  for (const member of members)
    if (typeof summary[member] === 'string') summary[member] = { sha256: sha256(summary[member]) };
  return summary as unknown as PreprocessingSummary;
}

/**
 * The summary that a JSON value is, checked as `parsePreprocessing` checks a whole description.
 *
 * @throws as `parsePreprocessing`
 */
export function parsePreprocessingSummary(value: object): PreprocessingSummary {
  const given = value as Readonly<Record<string, unknown>>;
  const kind = String(given.kind ?? 'image');
  const members = Object.keys((Object.hasOwn(files, kind) && files[kind as PreprocessingKind]) || {});
  const sums = members.map(member => {
    const sum: unknown = Object(given[member]).sha256;
    if (typeof sum === 'string' && /^[0-9a-f]{64}$/.test(sum)) return [member, { sha256: sum }] as const;
    throw new FeaturesError('INVALID_OPTION', {
      where: `preprocessing.${member}`,
      expected: '{ sha256 } of a file',
      got: `${JSON.stringify(given[member])}`.slice(0, 60),
      advice: 'restore it',
      details: { key: member },
    });
  });
  const whole = { ...given, ...Object.fromEntries(members.map(member => [member, '{}'])) };
  return { ...parsePreprocessing(whole), ...Object.fromEntries(sums) } as PreprocessingSummary;
}

/** Texts of the files in a description, by their names. */
export function preprocessingFiles(preprocessing: Preprocessing): Readonly<Record<string, string>> {
  const entries = Object.entries(files[kindOf(preprocessing)]);
  return Object.fromEntries(
    entries.map(([member, file]) => [
      file,
      String((preprocessing as unknown as Record<string, unknown>)[member]),
    ]),
  );
}

/** The files that a summary stands for: the SHA-256 of each by its name. */
export function summarizedFiles(summary: PreprocessingSummary): Readonly<Record<string, string>> {
  const entries = Object.entries(files[kindOf(summary)]);
  return Object.fromEntries(
    entries.map(([member, file]) => {
      const value = (summary as unknown as Record<string, { readonly sha256?: unknown } | undefined>)[member];
      return [file, String(value?.sha256)];
    }),
  );
}

/** The whole description, from its summary and the texts of its files by their names. It is not checked; `parsePreprocessing` does. */
export function restorePreprocessing(
  summary: PreprocessingSummary,
  texts: Readonly<Record<string, string>>,
): Preprocessing {
  const members = Object.entries(files[kindOf(summary)]).map(([member, file]) => [member, texts[file]]);
  return members.length === 0
    ? (summary as Preprocessing)
    : ({ ...summary, ...Object.fromEntries(members) } as unknown as Preprocessing);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
