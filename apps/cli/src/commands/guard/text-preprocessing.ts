import { stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { huggingFaceText, type TextPreprocessing } from '@ood/features';
import type { TensorInfo } from '@ood/onnx';
import { type Io, readBytes, requirePath } from '@ood/terminal';
import { CliError } from '../../errors.ts';
import type { ModelFile } from './model-file.ts';

/** How texts become tokens, as given on the command line. */
export interface TokenizerFlags {
  readonly tokenizer?: string;
  readonly maxLength?: number;
}

const FILE = 'tokenizer.json';
/** Bytes of a tokenizer that are read at most. */
const LIMIT = 2 ** 27;

/**
 * What turns texts into the inputs of a model: the `tokenizer.json` that `--tokenizer` names or the model has beside it (or beside the folder
 * `onnx` that it is in), with the `tokenizer_config.json` and `config.json` there.
 *
 * @throws CliError where there is none; FeaturesError for a model that takes no texts
 */
export async function openTextPreprocessing(
  { tokenizer, maxLength }: TokenizerFlags,
  { path, description }: ModelFile,
  io: Io,
): Promise<TextPreprocessing> {
  const beside = dirname(path);
  const places = basename(beside) === 'onnx' ? [beside, dirname(beside)] : [beside];
  const file = tokenizer === undefined ? await firstOf(places, FILE) : await tokenizerFile(tokenizer, io);
  if (file === undefined)
    throw new CliError('INVALID_OPTION', {
      where: path,
      expected: `a ${FILE} beside the model`,
      got: 'none',
      advice: 'name one, or the folder with it: --tokenizer FILE|FOLDER',
    });
  const inputs = description.inputs.map(({ name, type, dims }) => ({
    name,
    type: type as TensorInfo['type'],
    dims: dims ?? [],
  }));
  const own = dirname(file);
  const read = async (at: string | undefined) =>
    at === undefined
      ? undefined
      : new TextDecoder('utf-8', { ignoreBOM: true }).decode(
          await readBytes(at, io, { expected: 'a JSON file', limit: LIMIT }),
        );
  return huggingFaceText(inputs, {
    tokenizer: (await read(file))!,
    tokenizerConfig: await read(await firstOf([own], 'tokenizer_config.json')),
    config: await read(await firstOf([own, ...places], 'config.json')),
    maxLength,
  });
}

async function tokenizerFile(word: string, io: Io): Promise<string> {
  const path = resolve(io.cwd, await requirePath(word, io, `a ${FILE}, or the folder with it`));
  return (await stat(path)).isDirectory() ? join(path, FILE) : path;
}

async function firstOf(folders: readonly string[], name: string): Promise<string | undefined> {
  for (const folder of folders) {
    const found = await stat(join(folder, name)).catch(() => undefined);
    if (found?.isFile()) return join(folder, name);
  }
  return undefined;
}
