import { checkKeys, deepFreeze, type KeyRules } from './check-keys.ts';
import type { TextInputs, TextPreprocessing } from './text-preprocessing.ts';

/** Most tokens of a text: what attention makes of more no machine holds. */
const MOST_TOKENS = 2 ** 17;

const isSide = (value: unknown) => value === 'left' || value === 'right';

const rules: KeyRules<TextPreprocessing> = {
  kind: ["'text'", value => value === 'text'],
  version: ['1', value => value === 1],
  tokenizer: ['the text of a tokenizer.json', value => typeof value === 'string' && /^\s*\{/.test(value)],
  maxLength: [
    `a whole number of tokens from 1 to ${MOST_TOKENS}`,
    value => Number.isInteger(value) && value >= 1 && value <= MOST_TOKENS,
  ],
  truncation: ["'left' or 'right'", isSide],
  padding: [
    "{ side: 'left' or 'right', id } with the id of a token",
    value =>
      keysOf(value) === 'id,side' && isSide(value.side) && Number.isSafeInteger(value.id) && value.id >= 0,
  ],
  inputs: [
    '{ ids, mask, types, positions } with names of inputs, each once, or null for all but ids',
    areInputs,
  ],
};

/** The preprocessing of texts that an object describes, checked and frozen. @throws as `parsePreprocessing` */
export function parseTextPreprocessing(object: Readonly<Record<string, unknown>>): TextPreprocessing {
  const { tokenizer, maxLength, truncation, padding, inputs } = checkKeys(object, rules);
  const { ids, mask, types, positions } = inputs;
  return deepFreeze({
    kind: 'text',
    version: 1,
    tokenizer,
    maxLength,
    truncation,
    padding: { side: padding.side, id: padding.id },
    inputs: { ids, mask, types, positions },
  });
}

function keysOf(value: unknown): string {
  return typeof value === 'object' && value !== null ? Object.keys(value).sort().join() : '';
}

function areInputs(value: TextInputs): boolean {
  if (keysOf(value) !== 'ids,mask,positions,types' || typeof value.ids !== 'string') return false;
  const names = Object.values(value).filter(name => name !== null);
  return names.every(name => typeof name === 'string' && name !== '') && new Set(names).size === names.length;
}
