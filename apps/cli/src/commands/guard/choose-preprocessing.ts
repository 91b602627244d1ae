import { isOodError } from '@ood/core';
import {
  huggingFacePreprocessing,
  type ImagePreprocessing,
  kindOf,
  type Preprocessing,
  type PresetName,
  parsePreprocessing,
  preprocessingFor,
  preset,
  presetNames,
  timmPreprocessing,
} from '@ood/features';
import type { ModelDescription, TensorInfo } from '@ood/onnx';
import { type Io, readBytes, requireFile } from '@ood/terminal';
import { CliError } from '../../errors.ts';
import type { ModelFile } from './model-file.ts';

/** Inputs `channels × height × width`, or channels last, that leave no doubt what is meant. */
const USUAL: Readonly<Record<string, PresetName>> = {
  '3,224,224': 'imagenet',
  '224,224,3': 'imagenet',
  '3,32,32': 'cifar',
  '32,32,3': 'cifar',
  '1,28,28': 'mnist',
  '28,28,1': 'mnist',
};

/** Bytes of a preprocessing file that are read at most. */
const LIMIT = 4 * 2 ** 20;

/**
 * What `--preprocess` names: a preset, or a JSON file (ours, a Hugging Face `preprocessor_config.json`, a timm config).
 * Without it the preset that goes with the model's input, with a note on stderr; `undefined` for a model of vectors.
 * What does not say so itself takes the layout and float type of the model's input.
 *
 * @throws CliError where nothing is named and nothing can be told from the model, or the file is something else
 */
export async function choosePreprocessing(
  word: string | undefined,
  { description }: ModelFile,
  io: Io,
): Promise<Preprocessing | undefined> {
  const input = inputOf(description);
  const forInput = (preprocessing: ImagePreprocessing) =>
    input ? preprocessingFor(preprocessing, input) : preprocessing;
  if (word === undefined) {
    const guessed = guess(input?.dims ?? [], io);
    return guessed && forInput(guessed);
  }
  if ((presetNames as readonly string[]).includes(word)) return forInput(preset(word as PresetName));
  const expected = `a preset (${presetNames.join(', ')}) or JSON file of a preprocessing`;
  return readPreprocessing(word, { expected, io }, value =>
    'layout' in value ? imagesOnly(parsePreprocessing(value)) : forInput(parseForeign(value)),
  );
}

/** The description in a JSON file. @throws CliError for a file that is none, or that `parse` refuses */
export async function readPreprocessing<T>(
  word: string,
  { expected, io }: { readonly expected: string; readonly io: Io },
  parse: (value: object) => T,
): Promise<T> {
  await requireFile(word, io, expected);
  const text = new TextDecoder().decode(await readBytes(word, io, { expected, limit: LIMIT }));
  try {
    return parse(parseJson(text, word));
  } catch (cause) {
    if (!isOodError(cause) || cause instanceof CliError) throw cause;
    const { where, expected, got, advice, details } = cause;
    throw new CliError('INVALID_OPTION', {
      where: `${word}: ${where}`,
      expected,
      got,
      advice,
      details,
      cause,
    });
  }
}

/** Each file of Hugging Face's, old or new, has one of these. */
const huggingFaceKeys = [
  'image_processor_type',
  'feature_extractor_type',
  'image_processor',
  'image_mean',
  'do_normalize',
  'do_resize',
];

/** A file that is not of our own kind, or an error that says what is missing. */
function parseForeign(value: object): ImagePreprocessing {
  if (huggingFaceKeys.some(key => key in value)) return huggingFacePreprocessing(value);
  if ('pretrained_cfg' in value || 'input_size' in value) return timmPreprocessing(value);
  return imagesOnly(parsePreprocessing(value));
}

function imagesOnly(preprocessing: Preprocessing): ImagePreprocessing {
  if (!('kind' in preprocessing)) return preprocessing;
  throw new CliError('INVALID_OPTION', {
    where: '--preprocess',
    expected: 'a preprocessing of images',
    got: `one of kind ${kindOf(preprocessing)}`,
    advice: 'give texts by --text, with --tokenizer, and recordings by --audio',
  });
}

function parseJson(text: string, file: string): object {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Reported below.
  }
  throw new CliError('INVALID_OPTION', {
    where: file,
    expected: 'a JSON object that describes a preprocessing',
    got: 'something else',
    advice: 'see the guide of the command line for one',
  });
}

function inputOf({ inputs: [input] }: ModelDescription): Pick<TensorInfo, 'type' | 'dims'> | undefined {
  return input?.dims ? { type: input.type as TensorInfo['type'], dims: input.dims } : undefined;
}

function guess(shape: TensorInfo['dims'], io: Io): ImagePreprocessing | undefined {
  const dims = shape.slice(1);
  const name = USUAL[dims.join()];
  if (name !== undefined) {
    io.stderr.write(
      `note: --preprocess ${name} assumed from the model's input [${dims.join(', ')}]; name it to be sure\n`,
    );
    return preset(name);
  }
  if (dims.length === 1) return undefined;
  throw new CliError('INVALID_OPTION', {
    where: '--preprocess',
    expected: `how to prepare images for the model's input [${dims.map(dim => dim ?? '?').join(', ')}], which does not tell`,
    got: 'none',
    advice: `say it with --preprocess ${presetNames.join('|')}|FILE`,
  });
}
