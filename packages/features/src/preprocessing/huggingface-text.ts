import type { TensorInfo } from '@ood/onnx';
import { FeaturesError } from '../errors.ts';
import { parseTextPreprocessing } from './parse-text.ts';
import { textInputs } from './text-inputs.ts';
import type { TextInputs, TextPreprocessing, TextSide } from './text-preprocessing.ts';

/** The files that Hugging Face keeps beside a text model. */
export interface HuggingFaceTextOptions {
  /** `tokenizer.json`, as text. */
  readonly tokenizer: string;
  /** `tokenizer_config.json`, as text or parsed: length, sides, padding. */
  readonly tokenizerConfig?: string | object | undefined;
  /** `config.json` of the model, as text or parsed: how many positions it has. */
  readonly config?: string | object | undefined;
  /** Most tokens of a text. Default: `model_max_length`, else what the model has positions for, else 512. */
  readonly maxLength?: number | undefined;
  /** What the model's inputs are for. Default: told by their names. */
  readonly inputs?: TextInputs | undefined;
}

/** Length where no file says one. */
const USUAL_LENGTH = 512;
/** `model_max_length` where nobody set one is 10³⁰. */
const MOST_LENGTH = 2 ** 17;

/**
 * The preprocessing of a text model of Hugging Face.
 *
 * @param model the inputs of the model, e.g. `backbone.inputs`
 * @throws FeaturesError INVALID_OPTION for a file that is none; MODEL_INPUT_MISMATCH for a model that takes no text
 */
export function huggingFaceText(
  model: readonly TensorInfo[],
  options: HuggingFaceTextOptions,
): TextPreprocessing {
  const tokenizer = objectOf('tokenizer.json', options.tokenizer);
  const settings = objectOf('tokenizer_config.json', options.tokenizerConfig ?? {});
  const config = objectOf('config.json', options.config ?? {});
  const inputs = options.inputs ?? textInputs(model);
  const side = (value: unknown): TextSide => (value === 'left' ? 'left' : 'right');
  const fixed = model.find(({ name }) => name === inputs.ids)?.dims[1];
  const wanted = options.maxLength ?? lengthOf(tokenizer, settings, config);
  return parseTextPreprocessing({
    kind: 'text',
    version: 1,
    tokenizer: options.tokenizer,
    maxLength: typeof fixed === 'number' && Number.isInteger(wanted) ? Math.min(fixed, wanted) : wanted,
    truncation: side(settings.truncation_side),
    padding: { side: side(settings.padding_side), id: paddingId(tokenizer, settings, config) },
    inputs,
  });
}

type Json = Readonly<Record<string, unknown>>;

function objectOf(file: string, value: unknown): Json {
  let parsed = value;
  try {
    if (typeof value === 'string') parsed = JSON.parse(value.replace(/^\uFEFF/, ''));
  } catch {
    parsed = undefined;
  }
  if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed as Json;
  throw new FeaturesError('INVALID_OPTION', {
    where: file,
    expected: 'a JSON object, as Hugging Face writes it',
    got: typeof value === 'string' ? 'text that is none' : String(value),
    advice: 'check the file',
  });
}

function lengthOf(tokenizer: Json, settings: Json, config: Json): number {
  const positions = positionsOf(config);
  const lengths = [settings.model_max_length, positions, (tokenizer.truncation as Json | null)?.max_length];
  const [length = USUAL_LENGTH] = lengths.filter(isLength);
  return isLength(positions) ? Math.min(length, positions) : length;
}

const isLength = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= MOST_LENGTH;

/** Positions that the model has for tokens: RoBERTa and its kin begin to count behind the padding's id. */
function positionsOf(config: Json): unknown {
  const positions = config.max_position_embeddings ?? config.n_positions;
  const offset = /roberta|camembert|xmod|longformer|mpnet|esm|data2vec-text|ibert/.test(
    String(config.model_type),
  );
  return offset && isLength(positions) ? positions - 1 - Number(config.pad_token_id ?? 1) : positions;
}

function paddingId(tokenizer: Json, settings: Json, config: Json): number {
  const name = contentOf(settings.pad_token);
  const added = Array.isArray(tokenizer.added_tokens) ? (tokenizer.added_tokens as Json[]) : [];
  const known = added.find(({ content }) => content === name && name !== undefined)?.id;
  const ids = [known, (tokenizer.padding as Json | null)?.pad_id, config.pad_token_id];
  return ids.find((id): id is number => Number.isSafeInteger(id) && Number(id) >= 0) ?? 0;
}

const contentOf = (token: unknown): unknown =>
  typeof token === 'object' && token !== null ? (token as Json).content : (token ?? undefined);
