import { FeaturesError } from '../errors.ts';
import { parseAudioPreprocessing } from './parse-audio.ts';
import { parseImagePreprocessing } from './parse-image.ts';
import { parseTextPreprocessing } from './parse-text.ts';
import type { Preprocessing, PreprocessingKind, Preprocessings } from './preprocessing.ts';

/** Checks the members of an object and returns the description in it, frozen. */
type Parsers = {
  readonly [K in PreprocessingKind]: (value: Readonly<Record<string, unknown>>) => Preprocessings[K];
};

const parsers: Parsers = {
  image: parseImagePreprocessing,
  text: parseTextPreprocessing,
  audio: parseAudioPreprocessing,
};

/**
 * The preprocessing that a JSON value (or text) describes, checked: unknown keys, missing keys and impossible values are errors.
 *
 * @throws FeaturesError INVALID_OPTION naming the key; NEWER_VERSION for a description of a later version or kind
 */
export function parsePreprocessing(value: unknown): Preprocessing {
  const object = asObject(typeof value === 'string' ? parseJson(value) : value);
  const kind = object.kind ?? 'image';
  if (typeof kind === 'string' && Object.hasOwn(parsers, kind))
    return parsers[kind as PreprocessingKind](object);
  const others = Object.keys(parsers).filter(name => name !== 'image');
  throw new FeaturesError(typeof kind === 'string' ? 'NEWER_VERSION' : 'INVALID_OPTION', {
    where: 'preprocessing.kind',
    expected: ['none, for images', ...others.map(name => JSON.stringify(name))].join(', '),
    got: JSON.stringify(kind).slice(0, 60),
    advice: 'correct the preprocessing, or update @ood/features to read it',
    details: { kind },
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new FeaturesError('INVALID_OPTION', {
      where: 'preprocessing',
      expected: 'JSON',
      got: 'text that does not parse',
      advice: 'check the file',
      cause,
    });
  }
}

function asObject(value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw new FeaturesError('INVALID_OPTION', {
    where: 'preprocessing',
    expected: 'an object',
    got: value === null ? 'null' : typeof value,
    advice: "use preset('imagenet') or a full description",
  });
}
