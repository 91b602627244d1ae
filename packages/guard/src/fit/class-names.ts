import { basename, dirname, join } from 'node:path';
import { isOodError } from '@ood/core';
import { readPlainFile } from '@ood/core/node';
import type { Warning } from '../calibration/warnings.ts';
import type { Reference } from '../engine/reference.ts';
import type { GraphShape } from '../graph/score-graph.ts';
import { type FitGuardOptions, invalid } from './options.ts';

/** Largest `config.json` that is read. */
const MOST_BYTES = 1 << 24;

/** @throws GuardError `INVALID_OPTION` for names that are not as many as the logits have columns */
export function checkClasses(
  names: readonly string[] | undefined,
  { classes }: Pick<GraphShape, 'classes'>,
): void {
  if (names === undefined || fits(names, classes)) return;
  const expected =
    classes === null
      ? 'none, since the model has no logits'
      : `${classes === 1 ? 'two names, of no and of yes' : `${classes} names`}, one for each class`;
  throw invalid('classes', expected, `${names.length}`);
}

/** The names given, those of the model's configuration, or those of the training classes if the logits are evidently in their order. */
export async function classNamesOf(
  { classes: given, model, train }: Pick<FitGuardOptions, 'classes' | 'model' | 'train'>,
  { classes }: Pick<GraphShape, 'classes'>,
  reference: Reference | undefined,
): Promise<{ readonly names: readonly string[] | null; readonly warnings: readonly Warning[] }> {
  if (given) return { names: given, warnings: [] };
  if (classes === null) return { names: null, warnings: [] };
  const configured = typeof model === 'string' ? await configuredNames(model) : undefined;
  if (configured && fits(configured, classes)) return { names: configured, warnings: [] };
  const training = trainingClasses(train);
  const shared = training?.length === classes && reference && reference.agreement > 0.5;
  return {
    names: shared ? training : null,
    warnings: configured
      ? [
          {
            code: 'CLASS_NAMES',
            message: `The config.json beside the model names ${configured.length} classes, but it has ${classes} logits: the names are not used.`,
          },
        ]
      : [],
  };
}

/** Names of the classes that training samples are labelled with. */
export function trainingClasses(train: FitGuardOptions['train']): readonly string[] | null {
  const names = train && 'classes' in train ? train.classes : null;
  return Array.isArray(names) && names.every(name => typeof name === 'string') ? names : null;
}

const fits = (names: readonly string[], classes: number | null) =>
  names.length === classes || (classes === 1 && names.length === 2);

/** `id2label` of a Hugging Face `config.json` beside a model, or beside the folder `onnx` that it is in. */
async function configuredNames(model: string): Promise<readonly string[] | undefined> {
  const folder = dirname(model);
  const folders = basename(folder) === 'onnx' ? [folder, dirname(folder)] : [folder];
  for (const place of folders) {
    const names = namesIn(await readSmall(join(place, 'config.json')));
    if (names) return names;
  }
  return undefined;
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

function namesIn(text: string): readonly string[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const labels: unknown =
      typeof value === 'object' && value !== null ? Reflect.get(value, 'id2label') : undefined;
    if (typeof labels !== 'object' || labels === null) return undefined;
    const entries = Object.entries(labels);
    const names = entries.map((_, i) => Reflect.get(labels, String(i)) as unknown);
    const isNamed = names.every(name => typeof name === 'string');
    // What exporters write where nobody named the classes.
    const isNumbered = names.every((name, i) => name === `LABEL_${i}`);
    return isNamed && !isNumbered ? (names as string[]) : undefined;
  } catch {
    return undefined;
  }
}
