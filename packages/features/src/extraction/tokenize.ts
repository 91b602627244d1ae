import { isOodError } from '@ood/core';
import { FeaturesError } from '../errors.ts';
import type { TextPreprocessing } from '../preprocessing/text-preprocessing.ts';
import { faithfulTokenizer } from './faithful-tokenizer.ts';

/** A text (or pair) as tokens. */
export interface Tokens {
  readonly ids: readonly number[];
  /** 0 for the first text, 1 for the second; as the tokenizer says. */
  readonly types: readonly number[];
}

/** Longest text that is tokenized, in UTF-16 units: far more than any model has tokens for. */
const MOST_UNITS = 1_000_000;

/**
 * A function from texts to tokens, truncated as Hugging Face does: the texts lose tokens, the special ones stay, and of a pair the longer
 * text loses first.
 *
 * @throws FeaturesError INVALID_OPTION for a `tokenizer.json` that is none; UNSUPPORTED
 */
export async function openTokenizer({
  tokenizer: source,
  maxLength,
  truncation,
}: TextPreprocessing): Promise<(text: string, pair?: string) => Tokens> {
  const { Tokenizer } = await import('@huggingface/tokenizers');
  const tokenizer = orRefuse(() => new Tokenizer(faithfulTokenizer(JSON.parse(source)), {}));
  const { post_processor: post, model } = tokenizer;
  const cut = (tokens: readonly string[], count: number) =>
    tokens.length <= count
      ? tokens
      : truncation === 'right'
        ? tokens.slice(0, count)
        : tokens.slice(tokens.length - count);
  const finish = (
    first: readonly string[],
    second: readonly string[] | null,
  ): { readonly tokens: readonly string[]; readonly token_type_ids?: readonly number[] | undefined } => {
    if (post) return post([...first], second && [...second], true);
    return { tokens: second ? [...first, ...second] : [...first] };
  };
  const specials = [finish([], null).tokens.length, finish([], []).tokens.length] as const;
  const unknown = model?.unk_token_id;
  return (text, pair) => {
    for (const part of [text, pair ?? '']) if (part.length > MOST_UNITS) throw tooLong(part);
    const parts = [text, ...(pair === undefined ? [] : [pair])].map(part => tokenizer.tokenize(part));
    const room = maxLength - specials[parts.length - 1]!;
    if (room < 0) throw noRoom(maxLength, specials[parts.length - 1]!);
    const [first, second] = lengthsOf(parts, room);
    const whole = cut(parts[0]!, first!);
    const { tokens, token_type_ids: types } = finish(whole, parts[1] ? cut(parts[1], second!) : null);
    const ids: number[] = [];
    const typeIds: number[] = [];
    tokens.forEach((token, i) => {
      const id = tokenizer.token_to_id(token) ?? unknown;
      // A model without a token for what is unknown passes over it.
      if (id === undefined) return;
      ids.push(id);
      typeIds.push(types?.[i] ?? (i < whole.length ? 0 : 1));
    });
    return { ids, types: typeIds };
  };
}

/** How many tokens each text keeps: the longer of two loses first, the second of two equally long ones. */
function lengthsOf(parts: readonly (readonly string[])[], room: number): number[] {
  const [first = 0, second] = parts.map(({ length }) => length);
  if (second === undefined) return [Math.min(first, room)];
  if (first + second <= room) return [first, second];
  const shorter = Math.min(first, second);
  if (2 * shorter <= room) return first <= second ? [first, room - first] : [room - second, second];
  const half = Math.floor(room / 2);
  return first <= second ? [half, room - half] : [room - half, half];
}

function orRefuse<T>(make: () => T): T {
  try {
    return make();
  } catch (cause) {
    if (isOodError(cause)) throw cause;
    throw new FeaturesError('INVALID_OPTION', {
      where: 'tokenizer.json',
      expected: "a tokenizer that Hugging Face's library for JavaScript reads",
      got: cause instanceof Error ? cause.message : String(cause),
      advice: 'check the file',
      cause,
    });
  }
}

function tooLong({ length }: string): FeaturesError {
  return new FeaturesError('SAMPLE_INVALID', {
    where: 'text',
    expected: `at most ${MOST_UNITS} characters`,
    got: `${length}`,
    advice: 'cut it up',
  });
}

function noRoom(maxLength: number, specials: number): FeaturesError {
  return new FeaturesError('INVALID_OPTION', {
    where: 'preprocessing.maxLength',
    expected: `at least ${specials} tokens, the special ones`,
    got: `${maxLength}`,
    advice: 'give a larger one',
  });
}
