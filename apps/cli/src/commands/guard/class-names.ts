import type { ModelDescription } from '@ood/onnx';
import { type Io, readBytes } from '@ood/terminal';
import { CliError } from '../../errors.ts';

/** Bytes of a file of names that are read at most. */
const LIMIT = 16 * 2 ** 20;

const EXPECTED = 'names of classes: a line each, or JSON (a list, or an object from index to name)';

/**
 * Names of a model's classes, by column of its logits, from the file that `--classes` names.
 *
 * @throws CliError `INVALID_OPTION` for a file without a list of names, `WRONG_SHAPE` for another number of them than the model
 *   has outputs; CoreError where it cannot be read
 */
export async function readClassNames(
  word: string,
  model: Pick<ModelDescription, 'outputs'>,
  io: Io,
): Promise<readonly string[]> {
  const text = new TextDecoder().decode(await readBytes(word, io, { expected: EXPECTED, limit: LIMIT }));
  const names = /^\s*[[{]/.test(text) ? namesOf(parsed(text)) : lines(text);
  if (names === undefined)
    throw new CliError('INVALID_OPTION', {
      where: word,
      expected: EXPECTED,
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
  const indices = Object.keys(value).map((_, i) => String(i));
  return indices.every(index => Object.hasOwn(value, index)) ? indices.map(index => value[index]) : undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
