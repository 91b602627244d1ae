import { dirname, join } from 'node:path';
import { isOodError, printable } from '@ood/core';
import type { ModelDescription } from '@ood/onnx';
import { CliError } from '../../errors.ts';
import type { Io } from '../../io.ts';
import { readBytes } from '../../paths/read-bytes.ts';

const LIMIT = 16 * 2 ** 20;

export interface ClassNamesOptions {
  /** What `--classes` names. */
  readonly word: string | undefined;
  /** Path of the model: a `config.json` of Hugging Face's is looked for beside it. */
  readonly modelPath: string;
  readonly model: Pick<ModelDescription, 'outputs'>;
}

/**
 * Names of a model's classes, by column of its logits: from the file that `--classes` names (a line each, or JSON), or from
 * `id2label` of the `config.json` beside the model, or in the folder above where the model lies in `onnx/`.
 *
 * @returns undefined where nothing names them
 * @throws CliError for a file without a list of names, or with another number of them than the model has outputs
 */
export async function classNames(options: ClassNamesOptions, io: Io): Promise<readonly string[] | undefined> {
  const { word, modelPath, model } = options;
  if (word === undefined) {
    for (const folder of [dirname(modelPath), dirname(dirname(modelPath))]) {
      const names = await fromConfig(join(folder, 'config.json'), io);
      if (names === undefined || !fits(names.length, model)) continue;
      io.stderr.write(`note: class names taken from ${printable(join(folder, 'config.json'))}\n`);
      return names;
    }
    return undefined;
  }
  const expected = 'names of classes: a line each, or JSON (a list, or an object from index to name)';
  const text = new TextDecoder().decode(await readBytes(word, io, { expected, limit: LIMIT }));
  const names = /^\s*[[{]/.test(text) ? namesOf(parsed(text)) : lines(text);
  if (names === undefined)
    throw new CliError('INVALID_OPTION', {
      where: word,
      expected,
      got: 'something else',
      advice: 'write one name a line, in the order of the logits',
    });
  if (fits(names.length, model)) return names;
  const sizes = model.outputs.map(({ dims }) => dims?.at(-1) ?? '?').join(', ');
  throw new CliError('WRONG_SHAPE', {
    where: word,
    expected: `as many names as the model has classes (its outputs have ${sizes} columns)`,
    got: `${names.length}`,
    advice: 'give the names of this very model, in the order of its logits',
    details: { names: names.length },
  });
}

/** Whether a model may have so many classes: an output has so many columns, or its size is not known. One logit has two sides. */
function fits(count: number, { outputs }: Pick<ModelDescription, 'outputs'>): boolean {
  return outputs.some(({ dims }) => {
    const columns = dims?.at(-1);
    return typeof columns !== 'number' || columns === count || (columns === 1 && count === 2);
  });
}

async function fromConfig(path: string, io: Io): Promise<readonly string[] | undefined> {
  try {
    const bytes = await readBytes(path, io, { expected: 'a configuration', limit: LIMIT });
    const config = parsed(new TextDecoder().decode(bytes));
    const names = isObject(config) ? namesOf(config.id2label) : undefined;
    // What exporters write where nobody named the classes.
    return names?.every((name, i) => name === `LABEL_${i}`) ? undefined : names;
  } catch (error) {
    // Nobody asked for this file.
    if (isOodError(error)) return undefined;
    throw error;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function lines(text: string): readonly string[] | undefined {
  const names = text
    .replace(/^\ufeff/, '')
    .trimEnd()
    .split(/\r?\n/)
    .map(line => line.trim());
  return names.every(name => name !== '') ? names : undefined;
}

/** A list of names; an object from index to name, as `id2label`; names given as `[id, name]`, as Keras does for ImageNet. */
function namesOf(value: unknown): readonly string[] | undefined {
  if (isObject(value) && 'id2label' in value) return namesOf(value.id2label);
  const entries = Array.isArray(value) ? value : isObject(value) ? inOrder(value) : undefined;
  const names = entries?.map(entry => (Array.isArray(entry) ? entry.at(-1) : entry));
  return names !== undefined && names.length > 0 && names.every(name => typeof name === 'string')
    ? (names as string[])
    : undefined;
}

/** The values of an object whose keys are 0 … n − 1, in that order. */
function inOrder(value: Readonly<Record<string, unknown>>): unknown[] | undefined {
  const count = Object.keys(value).length;
  const indices = Array.from({ length: count }, (_, i) => String(i));
  return indices.every(index => Object.hasOwn(value, index)) ? indices.map(index => value[index]) : undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
