import { basename, dirname, join } from 'node:path';
import { isOodError } from '@ood/core';
import { readPlainFile } from '@ood/core/node';
import type { BackboneDescription } from './backbone.ts';

/** Largest file of names that is read. */
const MOST_BYTES = 1 << 24;
/** Where names of classes are kept, and under which key: by Hugging Face, by Teachable Machine. */
const PLACES = [
  ['config.json', 'id2label'],
  ['metadata.json', 'labels'],
] as const;

/**
 * Names of the classes in the `config.json` (its `id2label`) that Hugging Face keeps beside a model, or beside the folder `onnx` that it
 * is in, or in the `metadata.json` (its `labels`) of Teachable Machine; undefined where there is none, or none that names anything.
 *
 * @param model path of the model
 */
export async function readConfiguredClasses(model: string): Promise<readonly string[] | undefined> {
  const folder = dirname(model);
  const folders = basename(folder) === 'onnx' ? [folder, dirname(folder)] : [folder];
  for (const place of folders) {
    for (const [file, key] of PLACES) {
      const names = namesIn(await readSmall(join(place, file)), key);
      if (names) return names;
    }
  }
  return undefined;
}

/** How many names the classes of a model have: one for each logit, of a single one for both of its sides; 0 without logits. */
export function classNameCount({ head }: Pick<BackboneDescription, 'head'>): number {
  if (!('classes' in head)) return 0;
  return head.classes === 1 ? 2 : head.classes;
}

async function readSmall(path: string): Promise<string> {
  try {
    return new TextDecoder().decode(await readPlainFile(path, { maxBytes: MOST_BYTES }));
  } catch (error) {
    // Nobody asked for this file.
    if (isOodError(error)) return '';
    throw error;
  }
}

function namesIn(text: string, key: string): readonly string[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const labels: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
    if (typeof labels !== 'object' || labels === null) return undefined;
    const entries = Object.entries(labels);
    const names = entries.map((_, i) => Reflect.get(labels, String(i)) as unknown);
    const isNamed = names.length > 0 && names.every(name => typeof name === 'string');
    // What exporters write where nobody named the classes.
    const isNumbered = names.every((name, i) => name === `LABEL_${i}`);
    return isNamed && !isNumbered ? (names as string[]) : undefined;
  } catch {
    return undefined;
  }
}
