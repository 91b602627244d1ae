import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { systemError } from '@ood/core';
import { readPlainFile } from '@ood/core/node';
import { BenchmarkError } from '../errors.ts';
import { SUMMARY_SCHEMA_VERSION, type Summary } from './summary.ts';

/** Bytes of a summary that are read at most. */
const MOST_BYTES = 256 * 2 ** 20;

/**
 * The results of a run: its folder, or its `results.json`.
 *
 * @throws BenchmarkError `FOREIGN_FILE`, `NEWER_VERSION`; CoreError where it cannot be read
 */
export async function readSummary(path: string): Promise<Summary> {
  const found = await stat(path).catch((cause: unknown) => {
    throw systemError(cause, { where: path, expected: 'a folder of a run, or its results.json' });
  });
  const file = found.isDirectory() ? join(path, 'results.json') : path;
  const what = 'results of a run';
  const text = new TextDecoder().decode(await readPlainFile(file, { what, maxBytes: MOST_BYTES }));
  let value: Partial<Summary> | undefined;
  try {
    value = JSON.parse(text) as Partial<Summary>;
  } catch {
    // Reported below.
  }
  const foreign = (got: string) =>
    new BenchmarkError('FOREIGN_FILE', {
      where: file,
      expected: 'results of `ood-eval run`',
      got,
      advice: 'give the folder of a run, or the results.json in it',
    });
  if (typeof value !== 'object' || value === null) throw foreign('no JSON object');
  if (value.kind !== 'ood-task-results')
    throw foreign(`a document of kind ${JSON.stringify(value.kind ?? null)}`);
  if (typeof value.schemaVersion !== 'number' || value.schemaVersion > SUMMARY_SCHEMA_VERSION)
    throw new BenchmarkError('NEWER_VERSION', {
      where: file,
      expected: `results of version ${SUMMARY_SCHEMA_VERSION}`,
      got: `${value.schemaVersion}`,
      advice: 'update @ood/eval',
    });
  if (!isSummary(value)) throw foreign('results without task, backbones, detectors or figures');
  return value;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isListOf = (value: unknown, holds: (one: Record<string, unknown>) => boolean): boolean =>
  Array.isArray(value) && value.every(one => isObject(one) && holds(one));
const hasFigures = (value: unknown): boolean =>
  isObject(value) &&
  ['auroc', 'fpr95IdAccepted'].every(name => {
    const figure = value[name];
    return isObject(figure) && typeof figure.mean === 'number';
  });

/** Whether a value has all that is read of a summary. */
function isSummary(value: object): value is Summary {
  const { task, backbones } = value as Record<string, unknown>;
  return (
    isObject(task) &&
    isListOf(
      backbones,
      ({ backbone, sets, detectors }) =>
        typeof backbone === 'string' &&
        isListOf(
          sets,
          ({ name, group }) => typeof name === 'string' && (group === 'near' || group === 'far'),
        ) &&
        isListOf(
          detectors,
          one =>
            typeof one.detector === 'string' &&
            isObject(one.sets) &&
            isObject(one.mean) &&
            [...Object.values(one.sets), ...Object.values(one.mean)].every(hasFigures),
        ),
    )
  );
}
