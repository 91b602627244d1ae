import { FeaturesError } from '../errors.ts';

type Json = Readonly<Record<string, unknown>>;

/**
 * A parsed `tokenizer.json` of which `@huggingface/tokenizers` makes what Hugging Face's own library makes of it: parts that it reads
 * otherwise are spelt as others that mean the same.
 *
 * @throws FeaturesError UNSUPPORTED for parts that it has no counterpart for
 */
export function faithfulTokenizer(json: Json): Json {
  return {
    ...json,
    pre_tokenizer: preTokenizer(asPart(json.pre_tokenizer)),
    post_processor: postProcessor(asPart(json.post_processor)),
    normalizer: json.normalizer ?? null,
    decoder: null,
    added_tokens: json.added_tokens ?? [],
  };
}

function asPart(value: unknown): Json | null {
  return typeof value === 'object' && value !== null ? (value as Json) : null;
}

function preTokenizer(part: Json | null): Json | null {
  if (part === null) return null;
  switch (part.type) {
    case 'Sequence':
      return { ...part, pretokenizers: list(part.pretokenizers).map(preTokenizer) };
    case 'Whitespace':
      // There with the word characters of ASCII alone.
      return { type: 'Split', pattern: { Regex: '\\w+|[^\\w\\s]+' }, behavior: 'Removed', invert: true };
    case 'Punctuation': {
      const behavior = part.behavior ?? 'Isolated';
      const pattern = { Regex: '[!-/:-@\\[-`{-~\\p{P}]' };
      if (behavior === 'Isolated' || behavior === 'Removed')
        return { type: 'Split', pattern, behavior, invert: false };
      if (behavior === 'Contiguous') return part;
      throw unsupported(`Punctuation of behavior ${behavior}`);
    }
    case 'Split': {
      const behavior = String(part.behavior).toLowerCase();
      if (behavior === 'removed' || (behavior === 'isolated' && part.invert !== true)) return part;
      throw unsupported(`Split of behavior ${part.behavior}${part.invert === true ? ', inverted' : ''}`);
    }
    default:
      return part;
  }
}

function postProcessor(part: Json | null): Json | null {
  if (part === null) return null;
  const token = (value: unknown) => String((value as unknown[])[0]);
  const special = (id: string, type: number) => ({ SpecialToken: { id, type_id: type } });
  const text = (id: string, type: number) => ({ Sequence: { id, type_id: type } });
  switch (part.type) {
    case 'Sequence':
      return { ...part, processors: list(part.processors).map(postProcessor) };
    case 'RobertaProcessing': {
      // All tokens are of type 0.
      const [cls, sep] = [token(part.cls), token(part.sep)];
      const single = [special(cls, 0), text('A', 0), special(sep, 0)];
      return {
        type: 'TemplateProcessing',
        single,
        pair: [...single, special(sep, 0), text('B', 0), special(sep, 0)],
      };
    }
    default:
      return part;
  }
}

const list = (value: unknown): Json[] => (Array.isArray(value) ? value : []);

function unsupported(got: string): FeaturesError {
  return new FeaturesError('UNSUPPORTED', {
    where: 'tokenizer.json',
    expected: 'parts that can be computed here',
    got,
    advice: 'tokenize elsewhere, and give samples as tensors',
  });
}
